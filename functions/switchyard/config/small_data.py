"""How a model is judged whose rows are too few for a holdout: what `evaluation.small_data` comes to."""

from switchyard.config.model_contract import WEIGHT
from switchyard.config.parts.pipeline_spec import PipelineSpec
from switchyard.core.gate_policy import CrossValidation
from switchyard.core.policy import PolicyError

REFUSE = "refuse"
NEAREST = "leave it out, or set evaluation.minimum_rows to what a fifth of your first dataset has"


def cross_validation_of(spec: PipelineSpec) -> CrossValidation | None:
    """None where nothing but a holdout judges. PolicyError where cross-validation is asked for and cannot be had.

    The default image does it without being asked; another program only where its owner says that it can.
    """
    asked, evaluation = spec.evaluation.small_data, spec.evaluation
    why_not = _why_not(spec)
    if asked == REFUSE or (
        asked is None and (why_not or spec.training.image or spec.training.kind != "container")
    ):
        return None
    if why_not:
        raise PolicyError("evaluation.small_data", f"{why_not}; {NEAREST}")
    try:
        return CrossValidation(evaluation.folds, evaluation.repeats)
    except PolicyError as refused:
        raise PolicyError(f"evaluation.{refused.field}", refused.reason) from None


def _why_not(spec: PipelineSpec) -> str:
    """ "" where a training job can do it: one instance that reads all rows, by one set of hyperparameters."""
    if spec.data.is_records:
        return "cross-validation deals the rows of a table, and data.kind is records"
    if WEIGHT in spec.columns.values():
        return "cross-validation counts rows alike, and a column is a weight"
    if spec.training.kind == "builtin":
        return "SageMaker's own algorithms refuse the channel that asks for cross-validation"
    if spec.training.format != "csv":
        return f"cross-validation deals rows as csv, and training.format is {spec.training.format}"
    if spec.tuning is not None:
        return "cross-validation is of one set of hyperparameters, and `tuning` looks for it"
    if spec.training.instance_count > 1:
        return "cross-validation reads all rows on one instance, and training.instance_count is larger"
    return ""

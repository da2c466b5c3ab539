"""What goes together with a column of weights: what would leave them out is refused, with what works instead."""

from collections.abc import Iterator

from switchyard.config.model_contract import WEIGHT, ModelContract
from switchyard.config.parts.pipeline_spec import PipelineSpec
from switchyard.core.gate_policy import PROGRAM
from switchyard.core.policy import PolicyError

# Means of a loss a row; the others count rows.
WEIGHED = (
    "accuracy",
    "log_loss",
    "brier",
    "squared_error",
    "rmse",
    "absolute_error",
    "quantile_loss",
    PROGRAM,
)


def check_weight(spec: PipelineSpec, known: ModelContract | None) -> None:
    """PolicyError for the first thing that does not go with weights; nothing where all rows count alike."""
    stated = [name for name, kind in spec.columns.items() if kind == WEIGHT]
    if len(stated) > 1:
        raise PolicyError("columns", f"{' and '.join(stated)} are both a weight; leave one of them")
    stated = stated or ([known.contract.weight] if known and known.contract.weight else [])
    if not stated:
        return
    for field, reason in _unfit(spec):
        raise PolicyError(field, f"{reason} (column '{stated[0]}' is a weight)")


def _unfit(spec: PipelineSpec) -> Iterator[tuple[str, str]]:
    metrics = spec.evaluation.metrics
    if not metrics:
        yield (
            "evaluation.metrics",
            "must be given with weights, each with a floor: what a guess is worth is not known; add "
            f"one or more of {', '.join(WEIGHED)}",
        )
    for name, each in metrics.items():
        kind = each.metric or name
        if kind not in WEIGHED:
            yield (
                f"evaluation.metrics.{name}",
                f"weights work with {', '.join(WEIGHED)}, found {kind}; leave it out",
            )
        if each.floor is None:
            yield (
                f"evaluation.metrics.{name}.floor",
                "must be given with weights: what a guess is worth is not known",
            )
    if spec.evaluation.slices:
        yield "evaluation.slices", "weights work without slices; leave one of the two out"
    if spec.prepare is not None:
        yield "prepare", "weights work with tables that are dropped; leave one of the two out"
    if spec.deployment.mode == "batch" and spec.rollout.strategy == "paired":
        yield "rollout.strategy", "weights work with a gate on the holdout; leave paired out"

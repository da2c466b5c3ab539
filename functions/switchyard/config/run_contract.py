"""The contract of one run: the model's, or, before its first promotion, what its dataset shows."""

from collections.abc import Collection

from switchyard.config.model_contract import IGNORED, ModelContract
from switchyard.core.data.contract import Contract, Feature
from switchyard.core.data.dialect import AS_IT_SHOWS, Dialect
from switchyard.core.data.seen import Seen
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.gate_classes import check_classes
from switchyard.core.pipeline import Pipeline, declared_classes
from switchyard.core.policy import PolicyError, Problem


def classes_of(
    problem: Problem, labels: LabelStatistics, known: ModelContract | None, declared: int = 0
) -> tuple[str, ...]:
    """In the order of their index. declared: `num_class`, where the owner states it; 0 where it is left open."""
    if problem is Problem.REGRESSION:
        return ()
    if known is not None and known.contract.classes:
        return known.classes(labels, declared)
    numbers = tuple(str(index) for index in range(declared))
    return numbers if set(labels.classes) <= set(numbers) else labels.classes


def dialect_of(declared: Dialect, known: ModelContract | None) -> Dialect:
    """As it is declared; where nothing is, the model's."""
    return known.contract.dialect if known and declared == AS_IT_SHOWS else declared


def contract_of(pipeline: Pipeline, seen: Seen, known: ModelContract | None) -> Contract:
    """InvalidDatasetError and InvalidPipelineError say what cannot be."""
    count = declared_classes(pipeline.training.hyperparameters)
    classes = classes_of(pipeline.problem, seen.labels, known, count)
    left_out = [name for name, kind in pipeline.columns.items() if kind == IGNORED]
    features = known.contract.features if known else seen.features
    ignored = (*known.contract.ignored, *left_out) if known else tuple(seen.ignored)
    dialect = dialect_of(pipeline.dialect, known)
    contract = Contract(
        pipeline.target,
        features,
        pipeline.problem,
        classes,
        tuple(dict.fromkeys(ignored)),
        dialect,
        known.contract.weight if known else seen.weight,
        pipeline.response,
    )
    if pipeline.training.kind == "builtin":
        _refuse_words(pipeline.name, contract.features)
    try:
        check_classes(pipeline.evaluation, classes)
    except PolicyError as refused:
        raise InvalidPipelineError(f"{pipeline.name}/pipeline.yaml: {refused}") from None
    return contract


def _refuse_words(model: str, features: Collection[Feature]) -> None:
    """SageMaker's own XGBoost reads numbers alone, and refuses channels that it does not know."""
    words = [feature for feature in features if not feature.kind.is_numeric]
    if not words:
        return
    first, more = words[0], f" and {len(words) - 1} more" if len(words) > 1 else ""
    raise InvalidPipelineError(
        f"{model}/pipeline.yaml: training.kind: builtin reads numbers alone, and column '{first.name}'{more} is a "
        f"{first.kind}; use kind: container, whose default image takes it, or leave it out by "
        f"`columns: {{{first.name}: ignored}}`"
    )

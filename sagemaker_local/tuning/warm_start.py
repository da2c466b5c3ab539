"""What a warm start is refused: "Warm Start Tuning Restrictions" (Run a Warm Start Hyperparameter Tuning Job)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sagemaker_local.control.context import Context, Request
from sagemaker_local.store import Document
from sagemaker_local.tuning.document import ENDED, KIND, definitions, objective, space, static_hyperparameters
from sagemaker_local.tuning.strategy.space import Axis, Categorical, Numeric, is_number
from sagemaker_local.wire.errors import validation

_MOST_CHANGES = 10


def check(context: Context, request: Request) -> int:
    """The training jobs of the parents, which "count against" those of the new job. Raises ServiceError."""
    named = request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
    parents = [_ended(context, each.get("HyperParameterTuningJobName", "")) for each in named]
    for parent in parents:
        _check_parent(request, parent)
    return sum(len(parent["_TrainingJobs"]) for parent in parents)


def _ended(context: Context, name: str) -> Document:
    job = context.transaction.get(KIND, name)
    if job is None or job["HyperParameterTuningJobStatus"] not in ENDED:
        raise validation(
            f"The parent tuning job {name} of WarmStartConfig must exist and have ended (Completed, Stopped or Failed)."
        )
    return job


def _check_parent(request: Request, parent: Document) -> None:
    """ "The objective metric for the new tuning job must be the same as for all parent jobs", "the total number of
    static plus tunable hyperparameters must remain the same", and one of IdenticalDataAndAlgorithm "uses the same
    input data and training image"; its tag may be that of a version whose "changes ... do not affect the algorithm
    itself" (WarmStartType).
    """
    name, kind = parent["HyperParameterTuningJobName"], request["WarmStartConfig"]["WarmStartType"]
    asked: list[tuple[str, Callable[[Request, Document], object]]] = [
        ("objective metric", objective),
        ("total number of static plus tunable hyperparameters", _parameters),
    ]
    if kind == "IdenticalDataAndAlgorithm":
        asked += [("input data", _places), ("training image", _repository)]
    own, others = definitions(request)[0], definitions(parent)[0]
    for what, read in asked:
        if read(request, own) != read(parent, others):
            raise validation(
                f"The {what} of a warm start tuning job must be the same as of its parent {name}."
            )
    _check_kinds(name, _axes(request), _axes(parent))
    _check_changes(name, request, parent)


def _check_kinds(parent: str, own: dict[str, Axis], others: dict[str, Axis]) -> None:
    """ "The type of each hyperparameter (continuous, integer, categorical) must not change"."""
    for name in sorted(set(own) & set(others)):
        before, after = _kind(others[name]), _kind(own[name])
        if before != after:
            raise validation(
                f"The type of a hyperparameter must not change in a warm start tuning job: {name} is {after}, and "
                f"{before} in the parent {parent}."
            )


def _check_changes(name: str, request: Request, parent: Document) -> None:
    """ "The number of total changes from tunable hyperparameters in the parent jobs to static hyperparameters in the
    new tuning job, plus the number of changes in the values of static hyperparameters cannot be more than 10".
    """
    count = sum(_changes(request, parent))
    if count > _MOST_CHANGES:
        raise validation(
            f"A warm start tuning job can change at most {_MOST_CHANGES} values of hyperparameters that are static in "
            f"it; against the parent {name} there are {count}."
        )


def _changes(request: Request, parent: Document) -> Iterator[int]:
    """ "Each value in a categorical hyperparameter counts": both of a static text that becomes another one."""
    before = static_hyperparameters(definitions(parent)[0])
    tuned = _axes(parent)
    for name, value in static_hyperparameters(definitions(request)[0]).items():
        axis = tuned.get(name)
        if axis is not None:
            yield len(axis.values) if isinstance(axis, Categorical) else 1
        elif before.get(name, value) != value:
            yield 1 if is_number(before[name]) and is_number(value) else 2


def _axes(job: Document) -> dict[str, Axis]:
    return {axis.name: axis for axis in space(job, definitions(job)[0]).axes}


def _kind(axis: Axis) -> str:
    if isinstance(axis, Numeric):
        return "integer" if axis.is_integer else "continuous"
    return "categorical"


def _parameters(job: Document, definition: Document) -> int:
    return len(space(job, definition).axes) + len(static_hyperparameters(definition))


def _repository(_: Document, definition: Document) -> str:
    """Of the training image, its tag and digest left out."""
    image = str(definition["AlgorithmSpecification"].get("TrainingImage", ""))
    home, slash, last = image.partition("@")[0].rpartition("/")
    return home + slash + last.partition(":")[0]


def _places(_: Document, definition: Document) -> list[tuple[str, str]]:
    """Channels and where they are read from."""
    return sorted(
        (each["ChannelName"], each["DataSource"]["S3DataSource"]["S3Uri"])
        for each in definition.get("InputDataConfig", [])
    )

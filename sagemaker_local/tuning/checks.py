"""What CreateHyperParameterTuningJob refuses: in AWS's words where they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sagemaker_local.control.context import Context, Request
from sagemaker_local.store import Document
from sagemaker_local.training import checks
from sagemaker_local.training.algorithm_metrics import with_own_metrics
from sagemaker_local.tuning.document import (
    definition_name,
    definitions,
    objective,
    resources,
    space,
    static_hyperparameters,
    training_request,
)
from sagemaker_local.tuning.strategy.space import Categorical, RangeError
from sagemaker_local.wire.errors import ServiceError, validation

# Quotas of an account: Developer Guide, Automatic Model Tuning, Resource Limits.
_MAX_JOBS, _MAX_PARALLEL, _MAX_SEARCHED = 750, 100, 30
_MAX_HYPERPARAMETERS = 100
_NOT_RUN = ("Autotune",)
_ENDED = ("Completed", "Stopped", "Failed")


def check(context: Context, request: Request) -> None:
    """Raise ServiceError unless the plane can carry the request out."""
    for member in _NOT_RUN:
        if member in request:
            raise validation(f"The local SageMaker does not implement {member}; leave it out.")
    if ("TrainingJobDefinition" in request) == ("TrainingJobDefinitions" in request):
        raise validation("Provide either TrainingJobDefinition or TrainingJobDefinitions.")
    _check_names(request)
    for definition in definitions(request):
        _check_definition(context, request, definition)
    _check_limits(request)
    _check_warm_start(context, request)


def _check_names(request: Request) -> None:
    names = [definition_name(each) for each in definitions(request)]
    if len(names) > 1 and (len(set(names)) < len(names) or not all(names)):
        raise validation("Each of TrainingJobDefinitions needs a DefinitionName of its own.")


def _check_definition(context: Context, request: Request, definition: Document) -> None:
    if "ResourceConfig" in definition and "HyperParameterTuningResourceConfig" in definition:
        raise validation("A definition takes ResourceConfig or HyperParameterTuningResourceConfig, not both.")
    _check_ranges(request, definition)
    _check_objective(request, definition)
    _check_strategy(request, definition)
    checks.check(context, training_request("tuned", definition, {}))


def _check_ranges(request: Request, definition: Document) -> None:
    try:
        searched = space(request, definition)
    except RangeError as error:
        raise validation(f"The parameter ranges are invalid: {error}.") from error
    if not searched.axes:
        raise validation("Provide at least one hyperparameter range: there is nothing to tune.")
    if len(searched.axes) > _MAX_SEARCHED:
        raise _limit("number of hyperparameters that can be searched", _MAX_SEARCHED, len(searched.axes))
    count = len(searched.axes) + len(static_hyperparameters(definition))
    if count > _MAX_HYPERPARAMETERS:  # "You can specify a maximum of 100 hyperparameters" for a training job
        raise validation(
            f"A training job can have {_MAX_HYPERPARAMETERS} hyperparameters; static and searched ones are {count}."
        )
    both = sorted({axis.name for axis in searched.axes} & set(static_hyperparameters(definition)))
    if both:
        raise validation(f"Hyperparameters cannot be both static and in a range: {', '.join(both)}.")


def _check_objective(request: Request, definition: Document) -> None:
    goal = objective(request, definition)
    if goal is None:
        raise validation(
            "A tuning objective is required: HyperParameterTuningJobObjective or TuningObjective."
        )
    algorithm = with_own_metrics(definition["AlgorithmSpecification"], static_hyperparameters(definition))
    if goal["MetricName"] not in [each["Name"] for each in algorithm.get("MetricDefinitions", [])]:
        raise validation(
            "A metric is required for this hyperparameter tuning job objective. Provide a metric in the metric "
            "definitions."
        )


def _check_strategy(request: Request, definition: Document) -> None:
    config = request["HyperParameterTuningJobConfig"]
    searched = space(request, definition)
    if config["Strategy"] == "Grid" and not all(isinstance(axis, Categorical) for axis in searched.axes):
        raise validation("Grid search takes categorical hyperparameter ranges only.")
    if config["Strategy"] != "Hyperband":
        return
    if config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise validation("Hyperband stops training jobs by itself: TrainingJobEarlyStoppingType must be Off.")
    found = resources(request, definition)
    if found is None:
        raise validation(
            "Hyperband needs a MaxResource in HyperbandStrategyConfig, or a static hyperparameter epochs."
        )
    if found.least > found.most:
        raise validation(f"MinResource {found.least} must not be greater than MaxResource {found.most}.")


def _check_limits(request: Request) -> None:
    config = request["HyperParameterTuningJobConfig"]
    limits = config["ResourceLimits"]
    asked = limits.get("MaxNumberOfTrainingJobs")
    sizes = list(_sizes(request))
    if config["Strategy"] == "Grid":
        if asked is not None and asked != sum(sizes):
            raise validation(
                f"MaxNumberOfTrainingJobs {asked} is not the number of combinations of the grid, {sum(sizes):.0f}; "
                "leave it out."
            )
    elif asked is None:
        raise validation("MaxNumberOfTrainingJobs is required in ResourceLimits.")
    elif sum(sizes) < asked:
        raise validation(
            "You don't have enough combinations of hyperparameter ranges. The total number of hyperparameter "
            f"combinations for the provided ranges [{sum(sizes):.1f}] must be equal or greater than the value of "
            f"MaxNumberOfJobs, [{asked}]. Provide additional ranges."
        )
    total, parallel = round(asked or sum(sizes)), limits["MaxParallelTrainingJobs"]
    if total > _MAX_JOBS:
        raise _limit("training jobs per tuning job", _MAX_JOBS, total)
    if parallel > _MAX_PARALLEL:
        raise _limit("parallel training jobs per tuning job", _MAX_PARALLEL, parallel)
    if parallel > total:
        raise validation(
            f"MaxParallelTrainingJobs {parallel} must not be greater than MaxNumberOfTrainingJobs {total}."
        )


def _sizes(request: Request) -> Iterator[float]:
    for definition in definitions(request):
        yield space(request, definition).size


def _check_warm_start(context: Context, request: Request) -> None:
    for parent in request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", []):
        name = parent.get("HyperParameterTuningJobName", "")
        job = context.transaction.get("hyper-parameter-tuning-job", name)
        if job is None or job["HyperParameterTuningJobStatus"] not in _ENDED:
            raise validation(
                f"The parent tuning job {name} of WarmStartConfig must exist and have ended (Completed, Stopped "
                "or Failed)."
            )
        _check_parent(request, job)


def _check_parent(request: Request, parent: Document) -> None:
    """ "The objective metric for the new tuning job must be the same as for all parent jobs", "the total number of
    static plus tunable hyperparameters must remain the same", and one of IdenticalDataAndAlgorithm "uses the same
    input data" (WarmStartType).
    """
    name, kind = parent["HyperParameterTuningJobName"], request["WarmStartConfig"]["WarmStartType"]
    asked: list[tuple[str, Callable[[Request, Document], object]]] = [
        ("objective metric", objective),
        ("total number of static plus tunable hyperparameters", _parameters),
    ]
    if kind == "IdenticalDataAndAlgorithm":
        asked.append(("input data", _places))
    own, others = definitions(request)[0], definitions(parent)[0]
    for what, read in asked:
        if read(request, own) != read(parent, others):
            raise validation(
                f"The {what} of a warm start tuning job must be the same as of its parent {name}."
            )


def _parameters(job: Document, definition: Document) -> int:
    return len(space(job, definition).axes) + len(static_hyperparameters(definition))


def _places(_: Document, definition: Document) -> list[tuple[str, str]]:
    """Channels and where they are read from."""
    return sorted(
        (each["ChannelName"], each["DataSource"]["S3DataSource"]["S3Uri"])
        for each in definition.get("InputDataConfig", [])
    )


def _limit(what: str, limit: int, asked: int) -> ServiceError:
    return ServiceError(
        "ResourceLimitExceeded",
        f"The account-level service limit '{what}' is {limit}, with a request of {asked}.",
    )

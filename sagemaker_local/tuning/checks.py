"""What CreateHyperParameterTuningJob refuses: in AWS's words where they are known."""

from __future__ import annotations

from collections.abc import Iterator

from sagemaker_local.control.context import Context, Request
from sagemaker_local.store import Document
from sagemaker_local.training import checks
from sagemaker_local.training.algorithm_metrics import with_own_metrics
from sagemaker_local.tuning import warm_start
from sagemaker_local.tuning.document import (
    OBJECTIVE,
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
_MAX_METRICS = 20
_NOT_RUN = ("Autotune",)


def check(context: Context, request: Request) -> None:
    """Raise ServiceError unless the plane can carry the request out."""
    for member in _NOT_RUN:
        if member in request:
            raise validation(f"The local SageMaker does not implement {member}; leave it out.")
    if ("TrainingJobDefinition" in request) == ("TrainingJobDefinitions" in request):
        raise validation("Provide either TrainingJobDefinition or TrainingJobDefinitions.")
    _check_names(request)
    _check_single(request)
    for definition in definitions(request):
        _check_definition(context, request, definition)
    _check_limits(request, warm_start.check(context, request))


def _check_names(request: Request) -> None:
    names = [definition_name(each) for each in definitions(request)]
    if len(names) > 1 and (len(set(names)) < len(names) or not all(names)):
        raise validation("Each of TrainingJobDefinitions needs a DefinitionName of its own.")


def _check_single(request: Request) -> None:
    """ "Warm starting and early stopping are available only when tuning a single algorithm" (Multiple Algorithms)."""
    if len(definitions(request)) < 2:
        return
    if "WarmStartConfig" in request:
        raise validation(
            "Warm starting is available only when tuning a single algorithm; leave WarmStartConfig out."
        )
    if request["HyperParameterTuningJobConfig"].get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise validation(
            "Early stopping is available only when tuning a single algorithm: TrainingJobEarlyStoppingType must be Off."
        )


def _check_definition(context: Context, request: Request, definition: Document) -> None:
    if "ResourceConfig" in definition and "HyperParameterTuningResourceConfig" in definition:
        raise validation("A definition takes ResourceConfig or HyperParameterTuningResourceConfig, not both.")
    metrics = len(definition["AlgorithmSpecification"].get("MetricDefinitions", []))
    if metrics > _MAX_METRICS:
        raise _limit("metrics per tuning job", _MAX_METRICS, metrics)
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
    # "Automatic Model Tuning may add additional hyperparameters(s) that contribute to the limit of 100 total"
    count = len({axis.name for axis in searched.axes} | {*static_hyperparameters(definition), OBJECTIVE})
    if count > _MAX_HYPERPARAMETERS:
        raise validation(
            f"A training job can have {_MAX_HYPERPARAMETERS} hyperparameters; static and searched ones and "
            f"{OBJECTIVE} are {count}."
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


def _check_limits(request: Request, before: int) -> None:
    """before: training jobs of the parents of a warm start."""
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
    if total + before > _MAX_JOBS:
        raise _limit("training jobs per tuning job", _MAX_JOBS, total + before)
    if parallel > _MAX_PARALLEL:
        raise _limit("parallel training jobs per tuning job", _MAX_PARALLEL, parallel)
    if parallel > total:
        raise validation(
            f"MaxParallelTrainingJobs {parallel} must not be greater than MaxNumberOfTrainingJobs {total}."
        )


def _sizes(request: Request) -> Iterator[float]:
    for definition in definitions(request):
        yield space(request, definition).size


def _limit(what: str, limit: int, asked: int) -> ServiceError:
    return ServiceError(
        "ResourceLimitExceeded",
        f"The account-level service limit '{what}' is {limit}, with a request of {asked}.",
    )

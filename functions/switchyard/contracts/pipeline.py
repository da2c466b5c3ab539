"""The door for pipeline.yaml: a name and a target column are enough, the rest has defaults.

`schema()` is what an editor completes from (docs/pipeline.schema.json is made from it and checked against it).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Literal, TypeVar

import yaml
from pydantic import Field, ValidationError

from switchyard.contracts.paired import MISSING_BASELINE, MISSING_MARGIN, row_by_row
from switchyard.contracts.policy import GateSpec, RolloutSpec
from switchyard.contracts.spec import InstanceType, Name, Spec
from switchyard.contracts.training import PrepareSpec, TrainingSpec, TuningSpec, training_of
from switchyard.contracts.tuning import tuning_of
from switchyard.domain.combinations import GUARDRAILS, PAIRED, Asked, refusals
from switchyard.domain.drift import DriftPolicy
from switchyard.domain.errors import InvalidPipelineError
from switchyard.domain.labelled import LABEL_ERROR
from switchyard.domain.labels import LabelStatistics
from switchyard.domain.maturity import missing_metric
from switchyard.domain.names import is_model_name
from switchyard.domain.pipeline import (
    ASYNC,
    REALTIME,
    SERVERLESS,
    Approval,
    Budget,
    Deployment,
    Guardrails,
    Paired,
    Pipeline,
    Scoring,
    Training,
    Tuning,
)
from switchyard.domain.plan import check_plan
from switchyard.domain.policy import GatePolicy, MetricPolicy, PolicyError, Problem, RolloutPolicy, watching
from switchyard.domain.schedule import ScheduleError, parse_schedule
from switchyard.domain.triggers import Triggers

MAX_BYTES = 64 * 1024
# What CloudWatch can tell by variant, and what labels say of captured predictions.
READABLE_METRICS = ("errors", "latency", LABEL_ERROR, missing_metric(LABEL_ERROR))


class DeploymentSpec(Spec):
    """How the model is served; instances are those of the endpoint, of the alpha endpoint and of batch transforms."""

    mode: Literal["realtime", "serverless", "async", "batch"] = "realtime"
    instance_type: InstanceType = "ml.m5.large"
    instance_count: int = Field(default=1, ge=1, le=100)
    capture_percent: int = Field(default=100, ge=0, le=100)
    environment: dict[Name, str] = Field(default_factory=dict, max_length=50)
    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = 2048
    max_concurrency: int = Field(default=20, ge=1, le=200)
    max_concurrent_invocations_per_instance: int = Field(default=4, ge=1, le=1000)


class GuardrailsSpec(Spec):
    """`rollout.guardrails`; fields as in domain.pipeline.Guardrails."""

    traffic: Literal["canary", "linear"] = "canary"
    percent: int = Field(default=50, ge=1, le=50)
    wait_seconds: int = Field(default=300, ge=0, le=3600)
    termination_wait_seconds: int = Field(default=60, ge=0, le=3600)
    timeout_seconds: int = Field(default=3600, ge=600, le=28800)
    errors: int = Field(default=5, ge=0)
    latency_milliseconds: float | None = Field(default=None, gt=0)


class ApprovalSpec(Spec):
    """Who lets a model that passed the gate go live; `manual` waits for ModelApprovalStatus in the model registry."""

    mode: Literal["automatic", "manual"] = "automatic"
    hours: int = Field(default=168, ge=1, le=240)


class BudgetSpec(Spec):
    """What runs may cost, in US dollars: all that start in one month (UTC), and one alone."""

    monthly_usd: float | None = Field(default=None, gt=0)
    run_usd: float | None = Field(default=None, gt=0)


class EvaluationSpec(GateSpec):
    """The `evaluation` part: what the gate asks for, and how the holdout is put to both models."""

    via: Literal["alpha", "transform"] = "alpha"
    map: Literal["auto", "inline", "distributed"] = "auto"
    slices: tuple[Name, ...] = Field(default=(), max_length=5)

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in super().given().items() if name in GateSpec.model_fields}

    def to_scoring(self) -> Scoring:
        return Scoring(self.via, self.map, self.slices)


class ScheduleSpec(Spec):
    """`schedule` written out; a text alone is its `when`."""

    when: str
    always: bool = False


class DriftSpec(Spec):
    """`drift`: retrain when the live input no longer looks like the training data; fields as in domain.drift."""

    threshold: float = Field(default=0.2, gt=0)
    minimum_rows: int = Field(default=1000, ge=100, le=20_000)
    window_hours: float = Field(default=24.0, gt=0, le=168)
    cooldown_hours: float = Field(default=24.0, gt=0)


class LiveRolloutSpec(RolloutSpec):
    """The `rollout` part, and the live traffic that it is planned for: a plan that cannot end in time is refused."""

    strategy: Literal["evidence", "guardrails", "paired"] = "evidence"
    guardrails: GuardrailsSpec = Field(default_factory=GuardrailsSpec)
    requests_per_minute: float | None = None
    id_column: Name | None = None

    def given(self) -> dict[str, Any]:
        own = ("strategy", "guardrails", "requests_per_minute", "id_column")
        return {name: value for name, value in super().given().items() if name not in own}


class PipelineSpec(Spec):
    """One model's pipeline.yaml."""

    name: Name
    target: Name
    problem: Problem | None = None
    validation_percent: int = Field(default=10, ge=0, le=50)
    may_copy_target: tuple[Name, ...] = Field(default=(), max_length=100)
    prepare: PrepareSpec | None = None
    tuning: TuningSpec | None = None
    training: TrainingSpec = Field(default_factory=TrainingSpec)
    evaluation: EvaluationSpec = Field(default_factory=EvaluationSpec)
    approval: ApprovalSpec = Field(default_factory=ApprovalSpec)
    deployment: DeploymentSpec = Field(default_factory=DeploymentSpec)
    rollout: LiveRolloutSpec = Field(default_factory=LiveRolloutSpec)
    schedule: str | ScheduleSpec | None = None
    drift: DriftSpec | None = None
    budget: BudgetSpec = Field(default_factory=BudgetSpec)
    retire: bool = False


def schema() -> dict[str, Any]:
    """JSON Schema of pipeline.yaml."""
    return PipelineSpec.model_json_schema()


def read(model: str, text: str) -> PipelineSpec:
    """The file as it stands, before anything is known of the data; InvalidPipelineError for a retired model."""
    spec = _spec(model, text)
    if spec.retire:
        raise InvalidPipelineError(
            f"{model}/pipeline.yaml: retire: the model is retired; take `retire: true` out, then drop the dataset again"
        )
    return spec


def retires(model: str, text: str) -> bool:
    """Does the owner want the model out of service?"""
    return _spec(model, text).retire


def triggers(model: str, text: str) -> Triggers:
    """What starts runs of this model besides drops; it asks nothing of the data."""
    return _triggers(_spec(model, text))


def _triggers(spec: PipelineSpec) -> Triggers:
    if spec.retire:
        return Triggers()
    drift = _drift(spec)
    if spec.schedule is None:
        return Triggers(drift=drift)
    given = ScheduleSpec(when=spec.schedule) if isinstance(spec.schedule, str) else spec.schedule
    try:
        return Triggers(parse_schedule(given.when), given.always, drift)
    except ScheduleError as error:
        raise InvalidPipelineError(f"{spec.name}/pipeline.yaml: schedule: {error}") from None


def _drift(spec: PipelineSpec) -> DriftPolicy | None:
    if spec.drift is None:
        return None
    if spec.deployment.mode != REALTIME or not spec.deployment.capture_percent:
        raise InvalidPipelineError(
            f"{spec.name}/pipeline.yaml: drift: there are no captured inputs to look at; use mode realtime and "
            f"capture_percent above 0, or retrain by schedule"
        )
    return DriftPolicy(**spec.drift.model_dump())


def parse(model: str, text: str, labels: LabelStatistics | None) -> Pipeline:
    """A checked, complete Pipeline; what the file leaves open is read off the labels.

    labels: None when the table that holds them is yet to be made (`prepare`).
    """
    spec = read(model, text)
    _triggers(spec)
    _refuse_combinations(model, spec)
    problem = _problem(model, spec, labels)
    training = _refusing(model, lambda: _training(spec, problem, labels))
    return Pipeline(
        name=spec.name,
        target=spec.target,
        problem=problem,
        validation_percent=spec.validation_percent,
        training=training,
        evaluation=_refusing(model, lambda: _gate(spec, problem)),
        deployment=Deployment(**spec.deployment.model_dump()),
        rollout=_refusing(model, lambda: _rollout(spec, problem)),
        approval=Approval(**spec.approval.model_dump()),
        scoring=spec.evaluation.to_scoring(),
        guardrails=_refusing(model, lambda: _guardrails(spec)),
        paired=Paired(spec.rollout.id_column or "") if spec.rollout.strategy == PAIRED else None,
        prepare=_refusing(model, lambda: spec.prepare.to_domain() if spec.prepare else None),
        tuning=_refusing(model, lambda: _tuning(spec, training, problem)),
        may_copy_target=spec.may_copy_target,
        budget=Budget(**spec.budget.model_dump()),
        requests_per_minute=spec.rollout.requests_per_minute,
    )


def _problem(model: str, spec: PipelineSpec, labels: LabelStatistics | None) -> Problem:
    if labels is None:
        if spec.problem is None:
            raise InvalidPipelineError(
                f"{model}/pipeline.yaml: problem: must be stated with `prepare`, because the labels are not known "
                f"when the run starts; add `problem: binary`, `multiclass` or `regression`"
            )
        return spec.problem
    problem = spec.problem or labels.infer()
    labels.check(problem)
    return problem


def _training(spec: PipelineSpec, problem: Problem, labels: LabelStatistics | None) -> Training:
    tuned = frozenset(spec.tuning.parameters) if spec.tuning else frozenset()
    return training_of(spec.training, problem, labels, tuned)


def _tuning(spec: PipelineSpec, training: Training, problem: Problem) -> Tuning | None:
    if spec.tuning is None:
        return None
    return tuning_of(spec.tuning, spec.training, training, problem, spec.validation_percent)


def _spec(model: str, text: str) -> PipelineSpec:
    where = f"{model}/pipeline.yaml"
    if len(text) > MAX_BYTES:
        raise InvalidPipelineError(f"{where}: {len(text)} characters; at most {MAX_BYTES} are read")
    try:
        document = _NoAliases(text).get_single_data()
    except yaml.YAMLError as error:
        raise InvalidPipelineError(f"{where}: not readable as YAML: {str(error)[:300]}") from None
    if not isinstance(document, dict):
        raise InvalidPipelineError(f"{where}: expected a mapping with at least `name` and `target`")
    try:
        spec = PipelineSpec.model_validate(document)
    except ValidationError as error:
        raise InvalidPipelineError(f"{where}: {_first(error)}") from None
    if spec.name != model or not is_model_name(spec.name):
        raise InvalidPipelineError(f"{where}: name: '{spec.name}' must be the folder's name, '{model}'")
    return spec


class _NoAliases(yaml.SafeLoader):
    """A SafeLoader without aliases: a few lines could otherwise unfold into gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read; write the value out")
        return super().compose_node(parent, index)


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}{more}"


def _refuse_combinations(model: str, spec: PipelineSpec) -> None:
    """What SageMaker cannot do together is refused before anything is trained."""
    parts = {"deployment": spec.deployment, "rollout": spec.rollout}
    asked = Asked(
        mode=spec.deployment.mode,
        strategy=spec.rollout.strategy,
        instance_count=spec.deployment.instance_count,
        capture_percent=spec.deployment.capture_percent,
        traffic=spec.rollout.guardrails.traffic,
        percent=spec.rollout.guardrails.percent,
        stated=frozenset(f"{part}.{key}" for part, each in parts.items() for key in each.model_fields_set),
    )
    for refusal in refusals(asked):
        raise InvalidPipelineError(f"{model}/pipeline.yaml: {refusal}")


def _guardrails(spec: PipelineSpec) -> Guardrails | None:
    if spec.rollout.strategy != GUARDRAILS:
        return None
    wanted = Guardrails(**spec.rollout.guardrails.model_dump())
    waiting = wanted.wait_seconds * wanted.steps + wanted.termination_wait_seconds
    if wanted.timeout_seconds <= waiting:
        raise PolicyError(
            "rollout.guardrails.timeout_seconds",
            f"{wanted.timeout_seconds} is not more than all waits together ({waiting}); raise it",
        )
    return wanted


def _gate(spec: PipelineSpec, problem: Problem) -> GatePolicy:
    return GateSpec.model_validate(spec.evaluation.given() | {"problem": problem}).to_policy()


def _rollout(spec: PipelineSpec, problem: Problem) -> RolloutPolicy:
    policy = _with_labels(spec, problem, spec.rollout.to_policy())
    if spec.rollout.strategy == PAIRED:
        policy = row_by_row(spec.rollout, policy)
    elif spec.deployment.mode in (SERVERLESS, ASYNC):
        policy = watching(policy)
    for name in policy.metrics:
        if name not in READABLE_METRICS:
            raise PolicyError(
                f"rollout.metrics.{name}", f"cannot be read live; known: {', '.join(READABLE_METRICS)}"
            )
    latency = policy.metrics.get("latency")
    if latency is not None and latency.limit_milliseconds is None:
        raise PolicyError(
            "rollout.metrics.latency.limit_milliseconds",
            "must be given: a request loses when its model took longer, say the champion's 99th percentile",
        )
    if spec.rollout.requests_per_minute is not None:
        check_plan(policy, spec.rollout.requests_per_minute)
    return policy


def _with_labels(spec: PipelineSpec, problem: Problem, policy: RolloutPolicy) -> RolloutPolicy:
    """Whoever watches labels watches also how many come: missing ones are a metric beside them."""
    metric, missing = policy.metrics.get(LABEL_ERROR), missing_metric(LABEL_ERROR)
    if metric is None:
        return policy
    path = f"rollout.metrics.{LABEL_ERROR}"
    for refused, field, reason in _label_faults(spec, problem, metric):
        if refused:
            raise PolicyError(f"{path}.{field}".rstrip("."), reason)
    watched = policy.metrics.get(missing, MetricPolicy(MISSING_MARGIN, MISSING_BASELINE))
    age = metric.maturity_seconds
    return replace(policy, metrics={**policy.metrics, missing: replace(watched, maturity_seconds=age)})


def _label_faults(
    spec: PipelineSpec, problem: Problem, metric: MetricPolicy
) -> Iterator[tuple[bool, str, str]]:
    age, deadline = metric.maturity_seconds, spec.rollout.deadline_seconds
    yield not age, "maturity_seconds", "must be given: the age, in seconds, by which the labels have come"
    yield age >= deadline, "maturity_seconds", f"no label would count before the deadline of {deadline:g} s"
    if spec.rollout.strategy != PAIRED:
        yield from _capture_faults(spec)
    is_regression = problem is Problem.REGRESSION
    yield (
        is_regression and metric.off_by is None,
        "off_by",
        "must be given for a regression: by how much a prediction may be off, in the target's unit",
    )
    yield (
        not is_regression and metric.off_by is not None,
        "off_by",
        f"is for regressions; a {problem} prediction is right or wrong",
    )


def _capture_faults(spec: PipelineSpec) -> Iterator[tuple[bool, str, str]]:
    yield (
        spec.deployment.mode != REALTIME,
        "",
        f"SageMaker captures no predictions of mode {spec.deployment.mode} to join labels with; use mode realtime",
    )
    yield (
        not spec.deployment.capture_percent,
        "",
        "labels are joined with captured predictions; set deployment.capture_percent above 0",
    )


T = TypeVar("T")


def _refusing(model: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except (PolicyError, ValidationError) as error:
        reason = _first(error) if isinstance(error, ValidationError) else str(error)
        raise InvalidPipelineError(f"{model}/pipeline.yaml: {reason}") from None

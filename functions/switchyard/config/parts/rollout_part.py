"""The `rollout` part as a policy: what is watched, by whom, and whether it can end in time."""

from collections.abc import Iterator
from dataclasses import replace

from switchyard.config.parts.pipeline_spec import PipelineSpec
from switchyard.config.parts.policy_part import RolloutSpec
from switchyard.config.rules.combinations import GUARDRAILS, PAIRED
from switchyard.config.rules.forecast import check_plan
from switchyard.core.metrics import LABEL_ERROR, missing_metric
from switchyard.core.pipeline import ASYNC, REALTIME, SERVERLESS, Guardrails
from switchyard.core.policy import MetricPolicy, PolicyError, Problem, RolloutPolicy, watching

# What CloudWatch can tell by variant, and what labels say of captured predictions.
READABLE_METRICS = ("errors", "latency", LABEL_ERROR, missing_metric(LABEL_ERROR))
# Of labels, or predictions, that do not come, unless they are declared.
MISSING_MARGIN, MISSING_BASELINE = 0.1, 0.1


def guardrails_of(spec: PipelineSpec) -> Guardrails | None:
    """What SageMaker's own blue/green is told, where it shifts the traffic; PolicyError names the field."""
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


def rollout_of(spec: PipelineSpec, problem: Problem) -> RolloutPolicy:
    """The policy of what can be read live in this mode; PolicyError names the field."""
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


def row_by_row(spec: RolloutSpec, policy: RolloutPolicy) -> RolloutPolicy:
    """Of a batch model that is judged row by row, on drops that both models scored (`strategy: paired`).

    Rows that the challenger cannot score are `errors`, declared or not. A drop may come once a week, so only the
    deadline ends the patience, unless the file says otherwise.
    """
    if LABEL_ERROR not in spec.metrics:
        raise PolicyError(
            f"rollout.metrics.{LABEL_ERROR}",
            "must be declared: labels alone say which of two predictions is right",
        )
    if "latency" in spec.metrics:
        raise PolicyError("rollout.metrics.latency", "a batch model answers no requests; leave it out")
    watched = {"errors": MetricPolicy(MISSING_MARGIN, MISSING_BASELINE), **policy.metrics}
    metrics = {name: replace(metric, paired=True) for name, metric in watched.items()}
    is_impatient = "silence_seconds" in spec.model_fields_set
    patience = policy.silence_seconds if is_impatient else policy.deadline_seconds
    return replace(watching(policy), metrics=metrics, silence_seconds=patience)

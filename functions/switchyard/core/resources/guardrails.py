"""SageMaker's own deployment guardrails: which alarms watch a shift, and what became of it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from switchyard.core.names import Names
from switchyard.core.pipeline import Guardrails

MICROSECONDS = 1000.0  # of a millisecond: ModelLatency is in microseconds
# "Valid values are 10, 20, 30, 60, and any multiple of 60" (PutMetricAlarm, Period); 20 is newer than some SDKs.
SHORT_PERIODS = (10, 30)


@dataclass(frozen=True)
class Alarm:
    """Trips when `statistic` of `metric` in one period is above `threshold`.

    config: the endpoint config whose fleet alone is watched, "the new fleet" of a blue/green deployment.
    """

    name: str
    metric: str
    statistic: str
    threshold: float
    endpoint: str
    variant: str
    config: str
    period_seconds: int


@dataclass(frozen=True)
class Guard:
    """What UpdateEndpoint is told: how to shift, and the names of the alarms that take everything back."""

    policy: Guardrails
    alarms: tuple[str, ...]


def alarm_period(metric_period: float) -> int:
    """The shortest period of an alarm that is no shorter than the metrics' own. Seconds."""
    short = [each for each in SHORT_PERIODS if each >= metric_period]
    return short[0] if short else int(-(-metric_period // 60) * 60)


def alarms_of(policy: Guardrails, names: Names, variant: str, metric_period: float) -> tuple[Alarm, ...]:
    """The alarms of one run's shift: errors always, latency where it has a limit."""
    watched = (names.endpoint, variant, names.full_config, alarm_period(metric_period))
    found = [Alarm(names.errors_alarm, "Invocation5XXErrors", "Sum", float(policy.errors), *watched)]
    if policy.latency_milliseconds is not None:
        limit = policy.latency_milliseconds * MICROSECONDS
        found.append(Alarm(names.latency_alarm, "ModelLatency", "Average", limit, *watched))
    return tuple(found)


def alarm_names(names: Names) -> tuple[str, ...]:
    """Every alarm that a run can have."""
    return (names.errors_alarm, names.latency_alarm)


def is_guarded_by(description: Mapping[str, Any], alarms: tuple[str, ...]) -> bool:
    """The endpoint's last deployment was the one that these alarms watched."""
    last = description.get("LastDeploymentConfig") or {}
    watching = (last.get("AutoRollbackConfiguration") or {}).get("Alarms", [])
    return {each.get("AlarmName") for each in watching} == set(alarms)


def took(policy: Guardrails) -> str:
    """Why the challenger stays, for the record."""
    part = f"{policy.percent} % of the instances first, then the rest"
    steps = part if policy.traffic == "canary" else f"{policy.percent} % of the instances after another"
    return (
        f"SageMaker's guardrails shifted all traffic ({steps}, {policy.wait_seconds} s each), and no alarm "
        f"tripped ({limits(policy)})"
    )


def limits(policy: Guardrails) -> str:
    """What the alarms allow."""
    latency = policy.latency_milliseconds
    more = "" if latency is None else f", mean latency at most {latency:g} ms"
    return f"at most {policy.errors} requests a period as 5XX{more}"


def summary(policy: Guardrails, alarms: tuple[Alarm, ...]) -> dict[str, Any]:
    """The decision record's `guardrails`: what SageMaker was told."""
    return {**asdict(policy), "alarms": [asdict(each) for each in alarms]}

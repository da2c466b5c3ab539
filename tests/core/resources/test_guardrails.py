"""SageMaker's guardrails: which alarms watch a shift, and what an endpoint shows of its end."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.names import Names
from switchyard.core.pipeline import Guardrails
from switchyard.core.resources.guardrails import (
    SHORT_PERIODS,
    Alarm,
    alarm_names,
    alarm_period,
    alarms_of,
    took,
)
from switchyard.core.resources.observation import PENDING, Expected, Observation, Progress, observe_endpoint

NAMES = Names("switchyard", "digits", "digits-0123456789ab")
ALARMS = alarm_names(NAMES)
OURS = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in ALARMS]}}
OLDER = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "switchyard-digits-older-errors"}]}}
EXPECTED = Expected(NAMES.full_config, alarms=ALARMS)


@pytest.mark.parametrize(
    ("metric", "alarm"), [(1, 10), (10, 10), (20, 30), (30, 30), (31, 60), (60, 60), (61, 120), (300, 300)]
)
def test_an_alarms_period_is_one_that_cloudwatch_takes(metric: float, alarm: int) -> None:
    assert alarm_period(metric) == alarm


@given(st.floats(0.001, 86_400))
def test_no_alarms_period_is_shorter_than_its_metrics_or_unknown_to_cloudwatch(metric: float) -> None:
    period = alarm_period(metric)
    assert period >= metric
    assert period in SHORT_PERIODS or period % 60 == 0


def test_errors_are_always_watched_and_latency_where_it_has_a_limit() -> None:
    where = ("switchyard-digits", "digits-older", NAMES.full_config, 60)
    errors = Alarm(NAMES.errors_alarm, "Invocation5XXErrors", "Sum", 5.0, *where)
    latency = Alarm(NAMES.latency_alarm, "ModelLatency", "Average", 250_000.0, *where)
    assert alarms_of(Guardrails(), NAMES, "digits-older", 60) == (errors,)
    limited = Guardrails(latency_milliseconds=250)
    assert alarms_of(limited, NAMES, "digits-older", 60) == (errors, latency)


def test_alarms_carry_the_run_and_end_within_cloudwatchs_255_signs() -> None:
    longest = Names("p" * 15, "m" * 24, f"{'m' * 24}-0123456789ab-r9")
    assert len({*alarm_names(NAMES), *alarm_names(longest)}) == 4
    assert all(len(name) <= 255 for name in alarm_names(longest))


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Guardrails(percent=10, wait_seconds=60), "10 % of the instances first, then the rest, 60 s each"),
        (Guardrails("linear", 25), "25 % of the instances after another, 300 s each"),
        (
            Guardrails(latency_milliseconds=80.5),
            "at most 5 requests a period as 5XX, mean latency at most 80.5 ms",
        ),
    ],
)
def test_what_took_says_how_and_under_which_limits(policy: Guardrails, said: str) -> None:
    assert said in took(policy)


def seen(**shown: Any) -> Observation:
    endpoint = {"EndpointName": "e", "EndpointStatus": "InService", "EndpointConfigName": "older-full"}
    return observe_endpoint({**endpoint, **shown}, EXPECTED)


def test_a_shift_that_took_serves_the_new_config() -> None:
    assert seen(EndpointConfigName=NAMES.full_config, LastDeploymentConfig=OURS).progress is Progress.DONE
    assert seen(EndpointConfigName=NAMES.full_config).found == {}


@pytest.mark.parametrize("status", ["Updating", "RollingBack", "SystemUpdating"])
def test_a_shift_under_way_is_waited_for(status: str) -> None:
    assert seen(EndpointStatus=status, FailureReason="alarm", LastDeploymentConfig=OURS) == PENDING


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        ({"LastDeploymentConfig": OURS, "FailureReason": "alarm a tripped"}, "alarm a tripped"),
        (
            {"LastDeploymentConfig": OURS},
            "SageMaker gives no reason; look at the history of switchyard-digits-",
        ),
        ({"FailureReason": "alarm a tripped"}, "alarm a tripped"),
    ],
)
def test_falling_back_is_an_answer_with_sagemakers_reason(shown: dict[str, Any], why: str) -> None:
    found = seen(**shown)
    assert (found.progress, found.found["kind"], found.found["state"]) == (
        Progress.DONE,
        "restore",
        "ROLLED_BACK",
    )
    assert f"SageMaker's guardrails gave everything back: {why}" in found.found["reason"]


@pytest.mark.parametrize(
    "shown",
    [{}, {"LastDeploymentConfig": OLDER}, {"LastDeploymentConfig": OLDER, "FailureReason": "an older run's"}],
)
def test_what_an_older_shift_left_on_the_endpoint_says_nothing(shown: dict[str, Any]) -> None:
    assert seen(**shown) == PENDING


def test_an_endpoint_that_breaks_is_an_error_and_no_verdict() -> None:
    assert seen(EndpointStatus="Failed", FailureReason="the host is gone").progress is Progress.FAILED

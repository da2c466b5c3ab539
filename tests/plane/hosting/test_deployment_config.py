"""DeploymentConfig: which steps a policy comes to, as laws, and which policies are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.hosting.deployment_config import plan
from sagemaker_local.wire.errors import ServiceError


def size(kind: str, value: int) -> dict[str, Any]:
    return {"Type": kind, "Value": value}


def blue_green(kind: str, **members: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": 60} | members
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}


def rolling(value: int, kind: str = "INSTANCE_COUNT", **members: Any) -> dict[str, Any]:
    return {
        "RollingUpdatePolicy": {"MaximumBatchSize": size(kind, value), "WaitIntervalInSeconds": 60} | members
    }


@given(st.integers(2, 40), st.integers(10, 50), st.booleans())
def test_linear_steps_turn_on_whole_instances_until_all_are_on(count: int, percent: int, rolls: bool) -> None:
    config = (
        rolling(percent, "CAPACITY_PERCENT")
        if rolls
        else blue_green("LINEAR", LinearStepSize=size("CAPACITY_PERCENT", percent))
    )
    try:
        found = plan(config, {"v": count})
    except ServiceError:
        # so few that one of them is less than 10 % or, of 3, more than the percentage comes to
        assert count * percent // 100 * 100 < 10 * count
        return
    shares = [step["v"] for step in found.steps]
    assert shares == sorted(set(shares))
    assert shares[-1] == 1.0
    assert all(round(share * count, 6).is_integer() for share in shares)
    assert shares[0] * 100 <= max(percent, 50)


@given(st.integers(2, 40), st.integers(1, 50))
def test_a_canary_is_one_step_of_at_most_half_before_everything(count: int, percent: int) -> None:
    found = plan(blue_green("CANARY", CanarySize=size("CAPACITY_PERCENT", percent)), {"v": count})
    first, last = found.steps
    assert 1 / count <= first["v"] <= 0.5
    assert last == {"v": 1.0}


def test_all_at_once_is_one_step_and_bakes_too() -> None:
    config = blue_green("ALL_AT_ONCE") | {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}
    found = plan(config, {"v": 1})
    assert (found.steps, found.bake_seconds, found.alarms) == (({"v": 1.0},), 60.0, ("errors",))


def test_each_variant_counts_its_own_instances() -> None:
    config = blue_green("LINEAR", LinearStepSize=size("INSTANCE_COUNT", 1))
    found = plan(config, {"a": 2, "b": 4})
    assert found.steps == (
        {"a": 0.5, "b": 0.25},
        {"a": 1.0, "b": 0.5},
        {"a": 1.0, "b": 0.75},
        {"a": 1.0, "b": 1.0},
    )


@pytest.mark.parametrize(
    ("config", "instances", "text"),
    [
        (blue_green("CANARY", CanarySize=size("INSTANCE_COUNT", 1)), 1, r"CanarySize.*less than or equal to 50%"),
        (blue_green("CANARY", CanarySize=size("CAPACITY_PERCENT", 10)), 1, "found 1 of the 1 instances"),
        (blue_green("CANARY", CanarySize=size("CAPACITY_PERCENT", 51)), 4, "found 51%"),
        (blue_green("CANARY"), 4, "CanarySize must be specified"),
        (blue_green("LINEAR", LinearStepSize=size("INSTANCE_COUNT", 3)), 4, "10-50%.*found 3 of the 4"),
        (blue_green("LINEAR", LinearStepSize=size("CAPACITY_PERCENT", 9)), 20, "10-50%.*found 9%"),
        (
            blue_green("LINEAR", LinearStepSize=size("INSTANCE_COUNT", 1), CanarySize=size("INSTANCE_COUNT", 1)),
            4,
            "CanarySize can only be specified when",
        ),
        (blue_green("ALL_AT_ONCE", LinearStepSize=size("INSTANCE_COUNT", 1)), 4, "LinearStepSize can only"),
        (rolling(1), 1, "MaximumBatchSize.*5-50%"),
        (rolling(1), 21, "found 1 of the 21 instances"),
        (rolling(1, RollbackMaximumBatchSize=size("INSTANCE_COUNT", 5)), 4, "RollbackMaximumBatchSize"),
        (
            {"BlueGreenUpdatePolicy": blue_green("ALL_AT_ONCE")["BlueGreenUpdatePolicy"]
             | {"TerminationWaitInSeconds": 540, "MaximumExecutionTimeoutInSeconds": 600}},
            1,
            "should be larger than the total waiting time",
        ),
        (rolling(1, MaximumExecutionTimeoutInSeconds=600, WaitIntervalInSeconds=300), 2, "larger than the total"),
    ],
)  # fmt: skip
def test_refuses_sizes_out_of_bounds(config: dict[str, Any], instances: int, text: str) -> None:
    with pytest.raises(ServiceError, match=text) as refused:
        plan(config, {"v": instances})
    assert refused.value.code == "ValidationException"

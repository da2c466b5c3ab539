"""What an endpoint's description says of the change that was asked for, with and without a reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from switchyard.core.resources.observation import Asked, Expected, Progress, observe_endpoint

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
BEFORE = "2026-11-01T10:00:00"
EXPECTED = Expected("new")


def endpoint(status: str = "InService", config: str = "old", **more: Any) -> dict[str, Any]:
    return {
        "EndpointName": "switchyard-digits",
        "EndpointStatus": status,
        "EndpointConfigName": config,
        "LastModifiedTime": "2026-11-01T10:20:00",
        **more,
    }


def seen(description: dict[str, Any], ago: float = 1200.0) -> tuple[Progress, str]:
    observed = observe_endpoint(description, EXPECTED, Asked(BEFORE, ago))
    return observed.progress, observed.reason


@pytest.mark.parametrize("reason", ["", "Unable to provision requested ML compute capacity"])
def test_an_update_that_fell_back_is_seen_with_and_without_a_reason(reason: str) -> None:
    progress, said = seen(endpoint(FailureReason=reason))
    assert progress is Progress.FAILED
    assert f"switchyard-digits fell back to old: {reason or 'SageMaker gives no reason'}" in said


def test_a_description_that_is_behind_says_nothing() -> None:
    """InService on the old config, as before the update: DescribeEndpoint does not know of it yet."""
    assert seen(endpoint(LastModifiedTime=BEFORE))[0] is Progress.PENDING


def test_the_reason_of_an_older_update_says_nothing() -> None:
    assert seen(endpoint(LastModifiedTime=BEFORE, FailureReason="of last week"))[0] is Progress.PENDING


def test_right_after_it_was_asked_only_a_reason_is_believed() -> None:
    """The description may be behind by a call, and the one before the update by one more."""
    assert seen(endpoint(), ago=2.0)[0] is Progress.PENDING
    assert seen(endpoint(FailureReason="the variant did not pass the ping"), ago=2.0)[0] is Progress.FAILED


def test_a_change_of_before_it_was_asked_is_none_since() -> None:
    """What was read at first was behind, and now DescribeEndpoint tells what it should have told then."""
    asked = Asked("of last week", 1200.0, at=NOON.timestamp())
    for late, progress in ((-1.0, Progress.PENDING), (600.0, Progress.FAILED)):
        changed = endpoint(LastModifiedTime=NOON + timedelta(seconds=late))
        assert observe_endpoint(changed, EXPECTED, asked).progress is progress


@pytest.mark.parametrize("reason", ["", "of last week"])
def test_what_has_not_been_asked_for_yet_cannot_fall_back(reason: str) -> None:
    """It waits in line for instances, and meanwhile SageMaker's maintenance comes and goes."""
    asked = Asked(BEFORE, 1200.0, at=None)
    assert observe_endpoint(endpoint(FailureReason=reason), EXPECTED, asked).progress is Progress.PENDING


def test_a_change_that_is_pending_has_not_fallen_back() -> None:
    pending = endpoint(PendingDeploymentSummary={"EndpointConfigName": "new"})
    assert seen(pending)[0] is Progress.PENDING


@pytest.mark.parametrize("status", ["Failed", "OutOfService", "UpdateRollbackFailed"])
def test_an_endpoint_that_broke_is_no_wait(status: str) -> None:
    progress, said = seen(endpoint(status))
    assert (progress, status in said) == (Progress.FAILED, True)


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack"])
def test_an_endpoint_that_changes_is_waited_for(status: str) -> None:
    assert seen(endpoint(status, "new"))[0] is Progress.PENDING
    assert observe_endpoint(endpoint(status), Expected(settled=True)).progress is Progress.PENDING

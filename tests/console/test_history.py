"""What a history says of each visit, in both shapes that histories have."""

from typing import Any

import pytest

from cli.records.history import Status, Visit, owners, visits
from tests.console.histories import TOKEN, History, map_on_aws

SHAPES = pytest.mark.parametrize("chained", [True, False], ids=["aws", "ministack"])


def last(history: History) -> Visit:
    return visits(history.events)[-1]


@SHAPES
def test_a_task_is_running_until_it_has_exited(chained: bool) -> None:
    history = History(chained).begin()
    history.enter("Train", text='{"run": 1}')
    assert (last(history).status, last(history).seconds, last(history).input) == (
        Status.RUNNING,
        None,
        '{"run": 1}',
    )
    history.schedule()
    assert last(history).status is Status.RUNNING
    history.succeed()
    history.exit("Train", text='{"done": 1}')
    assert (last(history).status, last(history).output, last(history).retries) == (
        Status.SUCCEEDED,
        '{"done": 1}',
        0,
    )
    assert last(history).seconds == pytest.approx(4.0 if chained else 3.0)


@SHAPES
@pytest.mark.parametrize("resource", [TOKEN, "arn:aws:states:::states:startExecution.sync:2"])
def test_a_task_that_somebody_else_answers_waits(chained: bool, resource: str) -> None:
    history = History(chained).begin()
    history.enter("Train")
    history.schedule(resource if not resource.endswith(":2") or not chained else "x:startExecution.sync")
    assert last(history).status is Status.WAITING


@SHAPES
def test_a_retry_that_went_well_is_counted_and_no_failure(chained: bool) -> None:
    history = History(chained).begin()
    history.enter("Train")
    history.schedule()
    history.fail("TransientError", "busy")
    history.schedule()
    history.succeed()
    history.exit("Train")
    assert (last(history).status, last(history).retries, last(history).error) == (
        Status.SUCCEEDED,
        1,
        "TransientError",
    )
    assert not last(history).failed


@SHAPES
@pytest.mark.parametrize("kind", ["TaskFailed", "TaskTimedOut", "LambdaFunctionFailed", "TaskSubmitFailed"])
def test_an_error_that_a_catch_took_is_caught(chained: bool, kind: str) -> None:
    history = History(chained).begin()
    history.enter("Train")
    history.schedule()
    history.fail("States.Timeout", "lap", kind)
    history.exit("Train")
    history.enter("Train")
    first, second = visits(history.events)
    assert (first.status, first.error, first.cause) == (Status.CAUGHT, "States.Timeout", "lap")
    assert second.status is Status.RUNNING


@SHAPES
@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("ExecutionFailed", Status.FAILED),
        ("ExecutionTimedOut", Status.FAILED),
        ("ExecutionAborted", Status.ABORTED),
    ],
)
def test_the_end_of_an_execution_ends_what_was_open(chained: bool, kind: str, status: Status) -> None:
    history = History(chained).begin().task("Prepare")
    history.enter("Train")
    history.schedule(TOKEN)
    history.ended(kind, "Why", "because")
    first, second = visits(history.events)
    assert first.status is Status.SUCCEEDED
    assert (second.status, second.error, second.cause) == (status, "Why", "because")
    assert second.seconds is not None


@SHAPES
def test_a_fail_state_has_failed_although_it_never_exits(chained: bool) -> None:
    history = History(chained).begin().task("Prepare")
    history.enter("RolloutFailed", "Fail")
    history.ended("ExecutionFailed", "E", "c")
    assert last(history).status is Status.FAILED


def test_iterations_of_a_map_are_told_apart_by_the_chain() -> None:
    made = visits(map_on_aws([True, True, True]).events)
    assert [visit.name for visit in made] == ["Score", "Chunk", "Chunk", "Chunk"]
    assert {visit.status for visit in made} == {Status.SUCCEEDED}
    assert [visit.retries for visit in made] == [0, 1, 1, 1]


def test_one_bad_iteration_fails_the_map_and_leaves_the_good_one_good() -> None:
    score, good, bad = visits(map_on_aws([True, False]).events)
    assert (score.status, good.status, bad.status) == (Status.FAILED, Status.SUCCEEDED, Status.FAILED)
    assert bad.error == "DomainError"


@SHAPES
def test_every_event_of_a_state_is_owned_by_it(chained: bool) -> None:
    history = History(chained).begin().task("Prepare").task("Train").ended()
    of_state = owners(history.events)
    names: list[Any] = [of_state.get(event["id"]) for event in history.events]
    each = 5 if chained else 4
    assert names == [None, *["Prepare"] * each, *["Train"] * each, None]

"""One run, followed: its states from the history, what is said of it, what is drawn."""

import io
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, cast

import pytest
import typer
from rich.console import Console

from cli.commands.look.watch import Sight, picture, sentences
from cli.records.endpoints import Endpoint
from cli.records.executions import Execution, states
from cli.records.ledger import Line
from cli.stack.stack import Stack
from switchyard.core.run import RunState
from tests.cli.deployed import Deployed
from tests.cli.settled_runs import RUN_ID, Desk

watch: Any = import_module("cli.commands.look.watch")

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
ENDPOINT = Endpoint("switchyard-digits", "InService", "c", (("digits-old", 0.9), ("digits-new", 0.1)))


def history(*types: str) -> list[dict[str, Any]]:
    """Events one second apart: `+Name` enters, `-Name` exits, anything else is a type of its own."""
    events: list[dict[str, Any]] = []
    for second, what in enumerate(types):
        event: dict[str, Any] = {"timestamp": START + timedelta(seconds=second), "type": what}
        if what[0] in "+-":
            key = "stateEnteredEventDetails" if what[0] == "+" else "stateExitedEventDetails"
            event |= {"type": "TaskState", key: {"name": what[1:]}}
        events.append(event)
    return events


def test_states_have_their_seconds() -> None:
    found = states(history("ExecutionStarted", "+Train", "TaskScheduled", "-Train", "+Score"))
    assert [(state.name, state.seconds, state.failed) for state in found] == [
        ("Train", 2.0, False),
        ("Score", None, False),
    ]


def test_a_state_that_an_error_left_has_failed() -> None:
    found = states(history("+Train", "TaskFailed", "-Train", "+Settle", "TaskSucceeded", "-Settle"))
    assert [state.failed for state in found] == [True, False]


def test_a_retry_that_went_well_is_no_failure() -> None:
    assert not states(history("+Train", "TaskFailed", "TaskScheduled", "TaskSucceeded", "-Train"))[0].failed


def test_laps_of_one_state_are_visits_of_their_own() -> None:
    found = states(history("+Wait", "-Wait", "+Wait", "-Wait"))
    assert [(state.name, state.seconds) for state in found] == [("Wait", 1.0), ("Wait", 1.0)]


def test_the_state_that_ended_an_execution_has_failed() -> None:
    found = states(history("+Train", "TaskFailed", "ExecutionFailed"))
    assert (found[0].seconds, found[0].failed) == (2.0, True)


def sight(status: str, *types: str, line: Line | None = None) -> Sight:
    child = Execution("c", "digits-new-rollout", status, "", states(history("+Shift")))
    execution = Execution("a", "digits-new", status, "digits", states(history(*types)), children=(child,))
    return Sight(execution, (ENDPOINT,), line)


LINE = Line("digits", "s3://b/digits/train/v1", "PROMOTED", "better by 2 %", "digits-new", "a", "b")


def test_transitions_count_those_of_the_children() -> None:
    assert sight("RUNNING", "+Train", "-Train", "+Roll").execution.transitions == 3


def test_a_sentence_is_said_once_for_each_change() -> None:
    before, after = (
        sentences(sight("RUNNING", "+Train")),
        sentences(sight("SUCCEEDED", "+Train", "-Train", line=LINE)),
    )
    new = [sentence for sentence in after if sentence not in before]
    assert new == [
        "digits-new #1 Train done",
        "digits-new SUCCEEDED, 2 transitions",
        "digits-new PROMOTED: better by 2 %",
    ]


def test_the_picture_has_states_traffic_and_verdict() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(picture(sight("SUCCEEDED", "+Train", "-Train", line=LINE)))
    text = console.export_text()
    assert all(
        word in text for word in ("Train", "1.0 s", "digits-old", "90%", "10%", "PROMOTED: better by 2 %")
    )


def test_a_run_that_was_just_begun_is_waited_for(
    deployed: Desk, stack: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on record a moment before its execution is there, and an older one is not meant."""
    deployed.admit(RunState.RUNNING)
    looks = iter([None, None, "arn:new"])
    asked: list[str] = []

    def named(_: object, __: object, name: str) -> str | None:
        asked.append(name)
        return next(looks, "arn:new")

    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(watch, "named", named)
    monkeypatch.setattr(watch, "newest", lambda *_: "arn:newest")
    assert watch._execution_arn(cast(Stack, stack), "") == "arn:newest"
    assert asked == [RUN_ID] * 3


def test_a_run_without_an_execution_is_not_waited_for_without_end(
    deployed: Desk, stack: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.admit(RunState.RUNNING)
    monkeypatch.setattr(watch, "STARTING_SECONDS", 0.05)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(watch, "named", lambda *_: None)
    with pytest.raises(typer.Exit):
        watch._execution_arn(cast(Stack, stack), RUN_ID)


def test_a_model_means_its_newest_run(
    deployed: Desk, stack: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.admit(RunState.PROMOTED)
    monkeypatch.setattr(watch, "named", lambda _, __, name: f"arn:{name}")
    assert watch._execution_arn(cast(Stack, stack), "digits") == f"arn:{RUN_ID}"


def test_a_run_that_there_is_not_is_told_with_the_nearest_name(
    deployed: Desk, stack: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.admit(RunState.PROMOTED)
    monkeypatch.setattr(watch, "named", lambda *_: None)
    with pytest.raises(typer.Exit):
        watch._execution_arn(cast(Stack, stack), "digit")
    assert "Did you mean digits" in capsys.readouterr().err

"""One run, followed: its states from the history, what is said of it, what is drawn."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from cli.commands.look.watch import Sight, picture, sentences
from cli.records.endpoints import Endpoint
from cli.records.executions import Execution, states
from cli.records.ledger import Line

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

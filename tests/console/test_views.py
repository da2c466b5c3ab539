"""An execution as it is shown: every state's status from the history, whatever shape that has."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.console.machine import Node, read_machine
from cli.console.traffic import Trail
from cli.console.views import ExecutionView, StateView, event_views, execution_view
from cli.console.words import LONGEST_PAYLOAD, payload, verdict
from cli.records.endpoints import Endpoint
from cli.records.history import Status
from switchyard.core.run import RunState
from tests.console.histories import CHILD, MACHINE, START, TOKEN, History, map_on_aws
from tests.contract.cloudformation import ROOT

HERE = Path(__file__).parent


def view(history: History, status: str = "RUNNING", definition: str = MACHINE, **more: Any) -> ExecutionView:
    machine = "arn:aws:states:us-east-1:0:stateMachine:switchyard-retrain"
    described = {"executionArn": "a", "name": "run", "stateMachineArn": machine, "status": status}
    return execution_view({**described, "startDate": START, **more}, history.events, read_machine(definition))


def statuses(found: ExecutionView) -> dict[str, Status]:
    return {name: state.status for name, state in found.states.items()}


@pytest.mark.parametrize("chained", [True, False], ids=["aws", "ministack"])
def test_states_are_coloured_as_far_as_the_run_has_come(chained: bool) -> None:
    history = History(chained).begin().task("Train", TOKEN)
    history.enter("Score", "Map")
    found = view(history)
    assert statuses(found) == {
        "Train": Status.SUCCEEDED,
        "Score": Status.RUNNING,
        "Chunk": Status.RUNNING,  # nothing is told of the inside of the Map: it stands as the Map does
        "IsBetter": Status.NOT_REACHED,
        "Rollout": Status.NOT_REACHED,
        "Rejected": Status.NOT_REACHED,
    }
    assert found.taken == {("Train", "Score")}
    assert found.states["Score"].since is not None


def test_the_inside_of_a_map_has_its_own_statuses_where_the_history_has_them() -> None:
    found = view(map_on_aws([True, False]), "FAILED", error="DomainError", cause='{"errorMessage": "why"}')
    assert statuses(found)["Chunk"] is Status.FAILED
    assert found.error == "DomainError: why"
    assert (found.states["Chunk"].visits, found.states["Chunk"].retries) == (2, 2)


def test_laps_retries_and_the_last_error_are_told() -> None:
    history = History(chained=False).begin()
    for _ in range(2):
        history.enter("Train")
        history.schedule(TOKEN)
        history.fail("States.Timeout", "a lap")
        history.exit("Train")
    state = view(history).states["Train"]
    assert (state.status, state.visits, state.error) == (Status.CAUGHT, 2, "States.Timeout: a lap")
    assert state.said == "caught · 6.0 s · 2 visits"


def test_a_recorded_restore_of_ministack_is_read_whole() -> None:
    events = json.loads((HERE / "ministack_restore.json").read_text())
    events = [{**event, "timestamp": datetime.fromisoformat(event["timestamp"])} for event in events]
    definition = json.dumps(yaml.safe_load((ROOT / "statemachine/restore.asl.yaml").read_text()))
    found = view(History(chained=False, events=events), "SUCCEEDED", definition)
    said = {name: state.said for name, state in found.states.items()}
    assert said == {
        "IsReturn": "succeeded",
        "SetChampion": "not reached",
        "RestoreChampion": "succeeded · 9.1 s · 3 visits",
        "IsRestored": "succeeded · 3 visits",
        "Restored": "succeeded",
    }
    assert [found.states[name].took for name in ("IsReturn", "RestoreChampion")] == ["", "3x 9 s"]
    assert found.transitions == 8
    assert len(found.events) == 24


def test_an_execution_says_which_one_its_state_started() -> None:
    history = History(chained=True).begin()
    history.enter("Rollout")
    child = execution_view(
        {
            "executionArn": "b",
            "name": "run",
            "stateMachineArn": "x:switchyard-rollout",
            "status": "RUNNING",
            "startDate": START,
        },
        [],
        read_machine(CHILD),
    )
    described = {"executionArn": "a", "name": "run", "stateMachineArn": "x:r", "status": "SUCCEEDED"}
    found = execution_view({**described, "startDate": START}, history.events, read_machine(MACHINE), [child])
    assert found.started_by("Rollout") == child
    assert found.started_by("Train") is None
    assert not found.is_over


def test_every_event_is_listed_with_its_state_and_payloads() -> None:
    history = History(chained=True).begin('{"run": "x"}')
    history.enter("Train", text='{"a": 1}')
    history.schedule(TOKEN)
    history.fail("E", "because")
    first, second, third, _, last = event_views(history.events)
    assert first.payloads == (("input", '{\n  "run": "x"\n}'),)
    assert (second.state, second.payloads) == ("Train", (("input", '{\n  "a": 1\n}'),))
    assert "invoke.waitForTaskToken" in third.said
    assert (last.state, last.said, last.payloads) == ("Train", "E: because", (("cause", "because"),))


@pytest.mark.parametrize("key", ["token", "Token", "taskToken"])
def test_a_task_token_is_not_shown(key: str) -> None:
    shown = payload(json.dumps({"Payload": [{key: "SECRET", "run": "r"}]}))
    assert "SECRET" not in shown
    assert '"run": "r"' in shown


def test_a_long_payload_is_cut_and_says_so() -> None:
    shown = payload("x" * (LONGEST_PAYLOAD + 1234))
    assert len(shown) < LONGEST_PAYLOAD + 200
    assert "1,234 letters more" in shown


@pytest.mark.parametrize("state", [*RunState, "A_STATE_OF_LATER"])
def test_every_state_of_a_run_has_a_mark_and_words(state: str) -> None:
    mark, title, tone = verdict(str(state))
    assert mark
    assert title
    assert tone in ("good", "bad", "warn", "quiet")


def endpoint(**weights: float) -> Endpoint:
    return Endpoint("e", "InService", "c", tuple(weights.items()))


def test_the_split_is_remembered_as_it_changed() -> None:
    trail = Trail().look(None, 100.0).look(endpoint(old=1.0), 110.0).look(endpoint(old=1.0), 115.0)
    trail = trail.look(endpoint(old=0.75, new=0.25), 120.0).look(endpoint(old=0.75, new=0.25), 130.0)
    assert len(trail.samples) == 3
    split = trail.split("old")
    assert split is not None
    old, new = sorted(split.bands, key=lambda band: -band.now)
    assert [(band.variant, band.now) for band in (old, new)] == [("old", 0.75), ("new", 0.25)]
    assert [round(part[3] / split.height, 2) for part in old.parts] == [1.0, 0.75]
    (x, y, width, height) = new.parts[0]
    assert (x / split.width, width / split.width) == (pytest.approx(20 / 60), pytest.approx(10 / 60))
    assert y + height <= split.height
    assert (split.arm("old"), split.arm("new"), split.arm("never seen")) == (0, 1, 2)


def test_an_endpoint_that_never_was_has_no_picture() -> None:
    assert Trail().look(None, 100.0).split() is None


def test_the_first_look_draws_no_time() -> None:
    endpoint = Endpoint("live", "InService", "c", (("old", 1.0),))
    trail = Trail().look(endpoint, 100.0)
    first, later = trail.split(), trail.look(endpoint, 110.0).split()
    assert first is not None
    assert later is not None
    assert (first.has_length, later.has_length) == (False, True)


@pytest.mark.parametrize(
    ("visits", "seconds", "took"),
    [
        (1, 11.3, "11.3 s"),
        (3, 26.3, "3x 26 s"),
        (12, 95.0, "1 min"),
        (1, 3 * 86400.0, "3 d"),
        (140, 9.0, "9 s"),
    ],
)
def test_how_long_a_state_took_fits_beside_its_name(visits: int, seconds: float, took: str) -> None:
    assert StateView(Node("A", "Task"), Status.SUCCEEDED, visits, seconds=seconds).took == took

"""However an execution ended: one terminal state, a record, the endpoint whole, the next run started."""

# ruff: noqa: E501  one case a line reads best

import json
from typing import Any

import pytest

from switchyard.closing.settle_run import RESTORE_ATTEMPTS
from switchyard.core.errors import TransientError
from switchyard.core.execution_end import outcome_of
from switchyard.core.names import Names
from switchyard.core.ports import Execution
from switchyard.core.run import Outcome, Run, RunState
from tests.fakes.rooms import PREFIX, Rooms, csv_of

ENDPOINT = "switchyard-digits"


@pytest.fixture
def run(rooms: Rooms) -> Run:
    rooms.champion()
    return rooms.a_run()


def at_canary(rooms: Rooms, run: Run, share: float = 10.0) -> None:
    """The run's rollout has begun, and the endpoint is between the two models."""
    names = Names(PREFIX, run.model, run.run_id)
    rooms.ledger.save_rollout(run.run_id, {"model": run.model, "stage": 0, "trail": "[]"})
    weights = {"digits-champion0000": 100.0 - share, run.run_id: share}
    rooms.control.configs[names.canary_config] = {n: (f"switchyard-{n}", w) for n, w in weights.items()}
    rooms.control.put_endpoint(ENDPOINT, names.canary_config, weights)


def restored(rooms: Rooms, run: Run) -> None:
    """The restore machine has done its work; its end is announced."""
    champion = rooms.ledger.champion("digits")
    assert champion is not None
    rooms.control.put_endpoint(ENDPOINT, champion.config, {champion.run_id: 100.0})
    for name in rooms.executions.restores:
        rooms.executions.restores[name] = Execution("SUCCEEDED", {}, "")
    rooms.settle_run.restored(run)


def decision(rooms: Rooms, run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rooms.artifacts.read(f"digits/decisions/{run.run_id}.json"))
    return found


@pytest.mark.parametrize(
    ("execution", "outcome"),
    [
        (Execution("SUCCEEDED", {"outcome": {"state": "PROMOTED", "reason": "r"}}, ""), Outcome(RunState.PROMOTED, "r")),
        (Execution("SUCCEEDED", {"outcome": {"state": "INCONCLUSIVE", "reason": "r"}}, ""), Outcome(RunState.INCONCLUSIVE, "r")),
        (Execution("FAILED", {}, "JobFailedError: no convergence"), Outcome(RunState.FAILED, "no convergence")),
        (Execution("FAILED", {}, ""), Outcome(RunState.FAILED, "the execution ended as FAILED")),
        (Execution("TIMED_OUT", {}, ""), Outcome(RunState.FAILED, "the execution ended as TIMED_OUT")),
        (Execution("ABORTED", {}, ""), Outcome(RunState.ABORTED, "the execution was stopped")),
        (Execution("ABORTED", {}, "Operator: by hand"), Outcome(RunState.ABORTED, "Operator: by hand")),
    ],
)  # fmt: skip
def test_every_end_of_an_execution_is_an_outcome(execution: Execution, outcome: Outcome) -> None:
    assert outcome_of(execution) == outcome


@pytest.mark.parametrize("state", ["REJECTED", "ROLLED_BACK", "INCONCLUSIVE"])
def test_a_verdict_closes_the_record_and_frees_the_place(rooms: Rooms, run: Run, state: str) -> None:
    assert rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, state)) == state
    assert rooms.uploads()[0] | {"state": state, "reason": "because"} == rooms.uploads()[0]
    assert decision(rooms, run) | {"state": state, "reason": "because"} == decision(rooms, run)
    assert rooms.ledger.active("digits") is None
    assert (rooms.ledger.champion("digits") or run).run_id == "digits-champion0000"


def test_a_promotion_makes_the_challenger_champion_and_remembers_the_champion_before(
    rooms: Rooms, run: Run
) -> None:
    rooms.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "PROMOTED"))
    champion = rooms.ledger.champion("digits")
    assert champion is not None
    assert (champion.run_id, champion.config) == (run.run_id, f"switchyard-{run.run_id}-full")
    assert champion.artifact_sha256 == "cd"
    assert [former.run_id for former in rooms.ledger.former_champions("digits")] == ["digits-champion0000"]
    assert decision(rooms, run)["champion"]["run_id"] == run.run_id


def test_settling_twice_is_settling_once(rooms: Rooms, run: Run) -> None:
    rooms.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    execution = rooms.executions.succeeds(run.run_id, "PROMOTED")
    for _ in range(3):
        assert rooms.settle_run.ended(run, execution) == "PROMOTED"
    assert len(rooms.ledger.former_champions("digits")) == 1


def test_what_is_decided_stays_whatever_is_said_later(rooms: Rooms, run: Run) -> None:
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "REJECTED"))
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id))
    assert (rooms.state(run), decision(rooms, run)["state"]) == ("REJECTED", "REJECTED")


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE"])
def test_an_event_that_is_ahead_of_describe_execution_settles_nothing(
    rooms: Rooms, run: Run, status: str
) -> None:
    with pytest.raises(TransientError, match=f"said to be {status}"):
        rooms.settle_run.ended(run, Execution(status, {}, ""))
    assert rooms.state(run) == "RUNNING"


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
@pytest.mark.parametrize("share", [10.0, 50.0, 100.0])
def test_a_run_that_broke_at_canary_is_restored_before_it_ends(
    rooms: Rooms, run: Run, status: str, share: float
) -> None:
    at_canary(rooms, run, share)
    assert rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id, status, "why")) is None
    assert (rooms.state(run), list(rooms.executions.restores)) == ("RESTORING", [f"{run.run_id}-restore-1"])
    assert rooms.ledger.active("digits") == run.run_id
    restored(rooms, run)
    assert rooms.state(run) == ("ABORTED" if status == "ABORTED" else "FAILED")
    assert rooms.ledger.active("digits") is None


def test_a_run_that_broke_before_its_rollout_restores_nothing(rooms: Rooms, run: Run) -> None:
    rooms.control.put_endpoint(ENDPOINT, "somebody-else-s", {"x": 100.0})
    assert rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id)) == "FAILED"
    assert rooms.executions.restores == {}


def test_an_aborted_first_deployment_leaves_no_endpoint(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.ledger.save_rollout(run.run_id, {"model": "digits", "stage": 0, "trail": "[]"})
    rooms.control.put_endpoint(ENDPOINT, f"switchyard-{run.run_id}-full", {run.run_id: 100.0})
    assert rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id, "ABORTED")) is None
    rooms.restore_champion.restore(run, "t")
    rooms.control.settle()
    rooms.settle_run.restored(run)
    assert (rooms.state(run), rooms.control.endpoints) == ("ABORTED", {})


def test_a_restore_that_failed_is_tried_again_a_few_times(rooms: Rooms, run: Run) -> None:
    at_canary(rooms, run)
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id))
    for _ in range(RESTORE_ATTEMPTS + 2):
        for name in rooms.executions.restores:
            rooms.executions.restores[name] = Execution("FAILED", {}, "StuckError")
        rooms.settle_run.restored(run)
    assert len(rooms.executions.restores) == RESTORE_ATTEMPTS
    assert rooms.state(run) == "RESTORING"


def test_a_restore_within_a_rollout_that_goes_on_settles_nothing(rooms: Rooms, run: Run) -> None:
    assert rooms.settle_run.restored(run) is None
    assert rooms.state(run) == "RUNNING"


def test_what_waits_is_started(rooms: Rooms, run: Run) -> None:
    rooms.drop("digits/train/v2.csv", csv_of(2))
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "REJECTED"))
    assert rooms.states() == ["REJECTED", "RUNNING"]


def test_the_alpha_goes_and_the_training_job_is_stopped(rooms: Rooms, run: Run) -> None:
    names = Names(PREFIX, run.model, run.run_id)
    rooms.start_training.start(run, ["train"], "t")
    rooms.control.put_endpoint(names.alpha, names.alpha, {run.run_id: 1.0})
    rooms.control.configs[names.alpha] = {run.run_id: ("m", 1.0)}
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id, "ABORTED"))
    rooms.control.settle()
    assert rooms.control.jobs[names.training_job]["TrainingJobStatus"] == "Stopped"
    assert names.alpha not in rooms.control.endpoints
    assert names.alpha not in rooms.control.configs


def test_an_alpha_that_is_still_creating_does_not_hold_the_run_up(rooms: Rooms, run: Run) -> None:
    names = Names(PREFIX, run.model, run.run_id)
    rooms.control.put_endpoint(names.alpha, names.alpha, {run.run_id: 1.0}, "Creating")
    assert rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id, "ABORTED")) == "ABORTED"


EFFECTS = {
    "ledger": ["set_champion", "set_state", "release", "clear_waiting"],
    "artifacts": ["write"],
    "control": ["stop_training", "delete_endpoint"],
    "executions": ["start_retrain"],
}


class _Died(BaseException):
    """The Lambda is gone."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("port", "effect"), [(p, e) for p, effects in EFFECTS.items() for e in effects])
def test_a_crash_between_two_effects_is_made_good_by_the_next_event(
    rooms: Rooms, run: Run, port: str, effect: str, when: str
) -> None:
    rooms.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    rooms.drop("digits/train/v2.csv", csv_of(2))
    execution = rooms.executions.succeeds(run.run_id, "PROMOTED")
    target = getattr(rooms, port)
    real = getattr(target, effect)

    def dies(*arguments: Any, **named: Any) -> Any:
        setattr(target, effect, real)
        if when == "after":
            real(*arguments, **named)
        raise _Died

    setattr(target, effect, dies)
    with pytest.raises(_Died):
        rooms.settle_run.ended(run, execution)
    rooms.settle_run.ended(run, execution)
    rooms.sweep.sweep()
    assert rooms.states() == ["PROMOTED", "RUNNING"]
    assert decision(rooms, run)["state"] == "PROMOTED"
    assert len(rooms.ledger.former_champions("digits")) == 1
    assert rooms.executions.running == [rooms.ledger.active("digits")]


def test_people_are_told_how_a_run_ended_and_where_its_record_is(rooms: Rooms, run: Run) -> None:
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id, "FAILED", "no capacity"))
    [(subject, text)] = rooms.notices.told
    assert subject == "digits: FAILED"
    for part in (run.run_id, "no capacity", "digits-champion0000", f"digits/decisions/{run.run_id}.json"):
        assert part in text

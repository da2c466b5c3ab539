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
from tests.fakes.stations import PREFIX, Stations, csv_of

ENDPOINT = "switchyard-digits"


@pytest.fixture
def run(stations: Stations) -> Run:
    stations.champion()
    return stations.a_run()


def at_canary(stations: Stations, run: Run, share: float = 10.0) -> None:
    """The run's rollout has begun, and the endpoint is between the two models."""
    names = Names(PREFIX, run.model, run.run_id)
    stations.ledger.save_rollout(run.run_id, {"model": run.model, "stage": 0, "trail": "[]"})
    weights = {"digits-champion0000": 100.0 - share, run.run_id: share}
    stations.control.configs[names.canary_config] = {n: (f"switchyard-{n}", w) for n, w in weights.items()}
    stations.control.put_endpoint(ENDPOINT, names.canary_config, weights)


def restored(stations: Stations, run: Run) -> None:
    """The restore machine has done its work; its end is announced."""
    champion = stations.ledger.champion("digits")
    assert champion is not None
    stations.control.put_endpoint(ENDPOINT, champion.config, {champion.run_id: 100.0})
    for name in stations.executions.restores:
        stations.executions.restores[name] = Execution("SUCCEEDED", {}, "")
    stations.settle_run.restored(run)


def decision(stations: Stations, run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stations.artifacts.read(f"digits/decisions/{run.run_id}.json"))
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
def test_a_verdict_closes_the_record_and_frees_the_place(stations: Stations, run: Run, state: str) -> None:
    assert stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, state)) == state
    assert stations.uploads()[0] | {"state": state, "reason": "because"} == stations.uploads()[0]
    assert decision(stations, run) | {"state": state, "reason": "because"} == decision(stations, run)
    assert stations.ledger.active("digits") is None
    assert (stations.ledger.champion("digits") or run).run_id == "digits-champion0000"


def test_a_promotion_makes_the_challenger_champion_and_remembers_the_champion_before(
    stations: Stations, run: Run
) -> None:
    stations.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "PROMOTED"))
    champion = stations.ledger.champion("digits")
    assert champion is not None
    assert (champion.run_id, champion.config) == (run.run_id, f"switchyard-{run.run_id}-full")
    assert champion.artifact_sha256 == "cd"
    assert [former.run_id for former in stations.ledger.former_champions("digits")] == ["digits-champion0000"]
    assert decision(stations, run)["champion"]["run_id"] == run.run_id


def test_settling_twice_is_settling_once(stations: Stations, run: Run) -> None:
    stations.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    execution = stations.executions.succeeds(run.run_id, "PROMOTED")
    for _ in range(3):
        assert stations.settle_run.ended(run, execution) == "PROMOTED"
    assert len(stations.ledger.former_champions("digits")) == 1


def test_what_is_decided_stays_whatever_is_said_later(stations: Stations, run: Run) -> None:
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "REJECTED"))
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id))
    assert (stations.state(run), decision(stations, run)["state"]) == ("REJECTED", "REJECTED")


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE"])
def test_an_event_that_is_ahead_of_describe_execution_settles_nothing(
    stations: Stations, run: Run, status: str
) -> None:
    with pytest.raises(TransientError, match=f"said to be {status}"):
        stations.settle_run.ended(run, Execution(status, {}, ""))
    assert stations.state(run) == "RUNNING"


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
@pytest.mark.parametrize("share", [10.0, 50.0, 100.0])
def test_a_run_that_broke_at_canary_is_restored_before_it_ends(
    stations: Stations, run: Run, status: str, share: float
) -> None:
    at_canary(stations, run, share)
    assert stations.settle_run.ended(run, stations.executions.breaks(run.run_id, status, "why")) is None
    assert (stations.state(run), list(stations.executions.restores)) == (
        "RESTORING",
        [f"{run.run_id}-restore-1"],
    )
    assert stations.ledger.active("digits") == run.run_id
    restored(stations, run)
    assert stations.state(run) == ("ABORTED" if status == "ABORTED" else "FAILED")
    assert stations.ledger.active("digits") is None


def test_a_run_that_broke_before_its_rollout_restores_nothing(stations: Stations, run: Run) -> None:
    stations.control.put_endpoint(ENDPOINT, "somebody-else-s", {"x": 100.0})
    assert stations.settle_run.ended(run, stations.executions.breaks(run.run_id)) == "FAILED"
    assert stations.executions.restores == {}


def test_an_aborted_first_deployment_leaves_no_endpoint(stations: Stations) -> None:
    run = stations.a_run()
    stations.ledger.save_rollout(run.run_id, {"model": "digits", "stage": 0, "trail": "[]"})
    stations.control.put_endpoint(ENDPOINT, f"switchyard-{run.run_id}-full", {run.run_id: 100.0})
    assert stations.settle_run.ended(run, stations.executions.breaks(run.run_id, "ABORTED")) is None
    stations.restore_champion.restore(run, "t")
    stations.control.settle()
    stations.settle_run.restored(run)
    assert (stations.state(run), stations.control.endpoints) == ("ABORTED", {})


def test_a_restore_that_failed_is_tried_again_a_few_times(stations: Stations, run: Run) -> None:
    at_canary(stations, run)
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id))
    for _ in range(RESTORE_ATTEMPTS + 2):
        for name in stations.executions.restores:
            stations.executions.restores[name] = Execution("FAILED", {}, "StuckError")
        stations.settle_run.restored(run)
    assert len(stations.executions.restores) == RESTORE_ATTEMPTS
    assert stations.state(run) == "RESTORING"


def test_a_restore_within_a_rollout_that_goes_on_settles_nothing(stations: Stations, run: Run) -> None:
    assert stations.settle_run.restored(run) is None
    assert stations.state(run) == "RUNNING"


def test_what_waits_is_started(stations: Stations, run: Run) -> None:
    stations.drop("digits/train/v2.csv", csv_of(2))
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "REJECTED"))
    assert stations.states() == ["REJECTED", "RUNNING"]


def test_the_alpha_goes_and_the_training_job_is_stopped(stations: Stations, run: Run) -> None:
    names = Names(PREFIX, run.model, run.run_id)
    stations.start_training.start(run, ["train"], "t")
    stations.control.put_endpoint(names.alpha, names.alpha, {run.run_id: 1.0})
    stations.control.configs[names.alpha] = {run.run_id: ("m", 1.0)}
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id, "ABORTED"))
    stations.control.settle()
    assert stations.control.jobs[names.training_job]["TrainingJobStatus"] == "Stopped"
    assert names.alpha not in stations.control.endpoints
    assert names.alpha not in stations.control.configs


def test_an_alpha_that_is_still_creating_does_not_hold_the_run_up(stations: Stations, run: Run) -> None:
    names = Names(PREFIX, run.model, run.run_id)
    stations.control.put_endpoint(names.alpha, names.alpha, {run.run_id: 1.0}, "Creating")
    assert stations.settle_run.ended(run, stations.executions.breaks(run.run_id, "ABORTED")) == "ABORTED"


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
    stations: Stations, run: Run, port: str, effect: str, when: str
) -> None:
    stations.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    stations.drop("digits/train/v2.csv", csv_of(2))
    execution = stations.executions.succeeds(run.run_id, "PROMOTED")
    target = getattr(stations, port)
    real = getattr(target, effect)

    def dies(*arguments: Any, **named: Any) -> Any:
        setattr(target, effect, real)
        if when == "after":
            real(*arguments, **named)
        raise _Died

    setattr(target, effect, dies)
    with pytest.raises(_Died):
        stations.settle_run.ended(run, execution)
    stations.settle_run.ended(run, execution)
    stations.sweep.sweep()
    assert stations.states() == ["PROMOTED", "RUNNING"]
    assert decision(stations, run)["state"] == "PROMOTED"
    assert len(stations.ledger.former_champions("digits")) == 1
    assert stations.executions.running == [stations.ledger.active("digits")]


def test_people_are_told_how_a_run_ended_and_where_its_record_is(stations: Stations, run: Run) -> None:
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id, "FAILED", "no capacity"))
    [(subject, text)] = stations.notices.told
    assert subject == "digits: FAILED"
    for part in (run.run_id, "no capacity", "digits-champion0000", f"digits/decisions/{run.run_id}.json"):
        assert part in text

"""What events lost is found: runs that ended unseen or never began, endpoints left between two models, lost ledgers."""

import json

import pytest

from switchyard.core.names import Names
from switchyard.core.ports import Execution
from switchyard.core.run import Run, RunState
from tests.closing.test_settle_run import ENDPOINT, at_canary
from tests.fakes.rooms import PREFIX, Rooms, csv_of


def test_a_sweep_of_a_house_in_order_does_nothing(rooms: Rooms) -> None:
    rooms.champion()
    rooms.a_run()
    before = json.dumps(sorted(map(str, rooms.items.rows.items())))
    assert rooms.sweep.sweep() == []
    assert json.dumps(sorted(map(str, rooms.items.rows.items()))) == before


@pytest.mark.parametrize(
    ("status", "state"), [("FAILED", "FAILED"), ("ABORTED", "ABORTED"), ("TIMED_OUT", "FAILED")]
)
def test_a_run_that_ended_unseen_is_settled(rooms: Rooms, status: str, state: str) -> None:
    run = rooms.a_run()
    rooms.executions.breaks(run.run_id, status)
    assert rooms.sweep.sweep() == [f"{run.run_id}: ended unseen, settled as {state}"]
    assert rooms.states() == [state]


def test_a_promotion_that_nobody_saw_is_settled_and_what_waits_is_started(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.drop("digits/train/v2.csv", csv_of(2))
    rooms.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    rooms.executions.succeeds(run.run_id, "PROMOTED")
    rooms.control.put_endpoint(ENDPOINT, f"switchyard-{run.run_id}-full", {run.run_id: 100.0})
    rooms.sweep.sweep()
    assert rooms.states() == ["PROMOTED", "RUNNING"]


def test_an_admitted_run_that_never_started_is_started(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.executions.retrains.clear()
    rooms.executions.inputs.clear()
    rooms.items.update("MODEL#digits", f"RUN#{run.run_id}", {"state": "ADMITTED"})
    rooms.ledger.release("digits", run.run_id)
    rooms.sweep.sweep()
    assert (rooms.executions.running, rooms.state(run)) == ([run.run_id], "RUNNING")


def test_a_newer_dataset_whose_admission_broke_off_is_not_taken_for_an_old_one(rooms: Rooms) -> None:
    rooms.has_pipeline()
    for seed in (1, 2, 3):
        rooms.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    third = str((rooms.ledger.waiting("digits") or {})["run_id"])
    second = next(str(u["run_id"]) for u in rooms.uploads() if u["state"] == "SUPERSEDED")
    rooms.items.update("MODEL#digits", f"RUN#{second}", {"state": "WAITING"})
    run = rooms.ledger.run("digits", second)
    rooms.ledger.clear_waiting("digits", third)
    rooms.ledger.replace_waiting(run, 0.0, None)
    rooms.items.update("MODEL#digits", f"RUN#{third}", {"state": "ADMITTED"})
    rooms.sweep.sweep()
    assert (rooms.ledger.state("digits", second), rooms.ledger.state("digits", third)) == (
        "SUPERSEDED",
        "WAITING",
    )


def test_what_lost_its_waiting_place_to_a_newer_one_is_superseded(rooms: Rooms) -> None:
    """Whoever took its place died before saying so."""
    rooms.has_pipeline()
    for seed in (1, 2):
        rooms.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    rooms.drop("digits/train/v3.csv", csv_of(3))
    second = next(str(u["run_id"]) for u in rooms.uploads() if u["state"] == "SUPERSEDED")
    rooms.items.update("MODEL#digits", f"RUN#{second}", {"state": "WAITING"})
    rooms.sweep.sweep()
    assert rooms.states() == ["RUNNING", "SUPERSEDED", "WAITING"]


@pytest.mark.parametrize(
    "lost", ["the place was taken", "the state was set", "the waiting place was cleared"]
)
def test_a_start_that_broke_off_is_finished(rooms: Rooms, lost: str) -> None:
    run = rooms.a_run()
    rooms.drop("digits/train/v2.csv", csv_of(2))
    second = str((rooms.ledger.waiting("digits") or {})["run_id"])
    rooms.executions.breaks(run.run_id)
    rooms.ledger.set_state("digits", run.run_id, RunState.FAILED)
    rooms.ledger.release("digits", run.run_id)
    rooms.ledger.acquire("digits", second)
    if lost != "the place was taken":
        rooms.ledger.set_state("digits", second, RunState.RUNNING)
    if lost == "the waiting place was cleared":
        rooms.ledger.clear_waiting("digits", second)
    rooms.sweep.sweep()
    assert rooms.executions.running == [second]
    assert (rooms.states(), rooms.ledger.waiting("digits")) == (["FAILED", "RUNNING"], None)


def test_a_place_held_by_a_run_that_has_ended_is_freed(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.drop("digits/train/v2.csv", csv_of(2))
    rooms.executions.breaks(run.run_id)
    rooms.ledger.set_state("digits", run.run_id, RunState.FAILED)
    rooms.sweep.sweep()
    assert rooms.states() == ["FAILED", "RUNNING"]


def test_an_endpoint_that_was_left_at_canary_goes_back_to_its_champion(rooms: Rooms) -> None:
    champion = rooms.champion()
    run = rooms.a_run()
    at_canary(rooms, run)
    rooms.executions.breaks(run.run_id)
    rooms.ledger.set_state("digits", run.run_id, RunState.FAILED)
    rooms.ledger.release("digits", run.run_id)
    rooms.ledger.create_run(
        Run("digits", champion.run_id, "0" * 64, "s3://data/x", "digits/snapshots/0/"), 0.0
    )
    rooms.ledger.set_state("digits", champion.run_id, RunState.PROMOTED)
    done = rooms.sweep.sweep()
    assert done == ["digits: its endpoint was not the champion's alone; restoring digits-champion0000"]
    assert list(rooms.executions.restores) == [f"digits-champion0000-sweep-{int(rooms.clock())}"]


def test_a_restore_that_takes_longer_than_the_sweep_is_not_started_once_more(rooms: Rooms) -> None:
    """Changes of endpoints take up to 40 minutes, and the sweep comes every 15."""
    test_an_endpoint_that_was_left_at_canary_goes_back_to_its_champion(rooms)
    [name] = rooms.executions.restores
    for _ in range(3):
        rooms.clock.pass_(900)
        rooms.sweep.sweep()
    assert list(rooms.executions.restores) == [name]
    rooms.executions.restores[name] = Execution("FAILED", {}, "")
    rooms.clock.pass_(900)
    rooms.sweep.sweep()
    assert len(rooms.executions.restores) == 2


def test_an_endpoint_that_is_owned_by_a_run_is_left_alone(rooms: Rooms) -> None:
    rooms.champion()
    at_canary(rooms, rooms.a_run())
    assert rooms.sweep.sweep() == []


def test_a_restore_whose_attempts_are_used_up_is_tried_at_every_sweep(rooms: Rooms) -> None:
    rooms.champion()
    run = rooms.a_run()
    at_canary(rooms, run)
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id))
    for sweep in range(6):
        rooms.clock.pass_(900)
        for name in rooms.executions.restores:
            rooms.executions.restores[name] = Execution("FAILED", {}, "StuckError")
        rooms.sweep.sweep()
        running = [name for name, e in rooms.executions.restores.items() if e.status == "RUNNING"]
        assert len(running) == 1, sweep
    assert rooms.state(run) == "RESTORING"


def test_a_restore_that_ended_unseen_settles_the_run(rooms: Rooms) -> None:
    champion = rooms.champion()
    run = rooms.a_run()
    at_canary(rooms, run)
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id))
    rooms.control.put_endpoint(ENDPOINT, champion.config, {champion.run_id: 100.0})
    rooms.sweep.sweep()
    assert rooms.state(run) == "FAILED"


def test_an_alpha_whose_run_has_ended_is_deleted(rooms: Rooms) -> None:
    run = rooms.a_run()
    names = Names(PREFIX, "digits", run.run_id)
    rooms.control.put_endpoint(names.alpha, names.alpha, {run.run_id: 1.0}, "Creating")
    rooms.executions.breaks(run.run_id)
    rooms.sweep.sweep()
    assert names.alpha in rooms.control.endpoints
    rooms.control.settle()
    assert f"{names.alpha}: its run has ended; deleted" in rooms.sweep.sweep()
    rooms.control.settle()
    assert names.alpha not in rooms.control.endpoints


def test_an_alpha_of_a_run_under_way_is_left_alone(rooms: Rooms) -> None:
    run = rooms.a_run()
    names = Names(PREFIX, "digits", run.run_id)
    rooms.control.put_endpoint(names.alpha, names.alpha, {run.run_id: 1.0})
    rooms.sweep.sweep()
    assert names.alpha in rooms.control.endpoints


# the table is lost, the bucket is not


def promoted_and_rejected(rooms: Rooms) -> tuple[Run, Run]:
    first = rooms.a_run(1)
    rooms.artifacts.write(f"digits/evaluations/{first.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    rooms.settle_run.ended(first, rooms.executions.succeeds(first.run_id, "PROMOTED", "better"))
    rooms.clock.pass_(10)
    second = rooms.a_run(2)
    rooms.settle_run.ended(second, rooms.executions.succeeds(second.run_id, "REJECTED", "worse"))
    model, config = f"switchyard-{first.run_id}", f"switchyard-{first.run_id}-full"
    rooms.control.models[model], rooms.control.configs[config] = "artifact", {first.run_id: (model, 100.0)}
    rooms.control.put_endpoint(ENDPOINT, config, {first.run_id: 100.0})
    return first, second


def test_a_lost_ledger_is_rebuilt_from_the_decision_records(rooms: Rooms) -> None:
    first, second = promoted_and_rejected(rooms)
    champion = rooms.ledger.champion("digits")
    rooms.items.rows.clear()
    assert rooms.sweep.sweep() == [f"digits: {first.run_id} is champion again, from its decision record"]
    assert rooms.ledger.champion("digits") == champion
    assert (rooms.state(first), rooms.state(second)) == ("PROMOTED", "REJECTED")
    assert sorted((str(u["state"]), str(u["reason"])) for u in rooms.uploads()) == [
        ("PROMOTED", "better"),
        ("REJECTED", "worse"),
    ]
    assert rooms.sweep.sweep() == []


def test_the_last_promoted_is_champion_again(rooms: Rooms) -> None:
    for seed in (1, 2):
        rooms.clock.pass_(10)
        run = rooms.a_run(seed)
        rooms.artifacts.write(
            f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}'
        )
        rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "PROMOTED"))
        last = run.run_id
    rooms.control.put_endpoint(ENDPOINT, f"switchyard-{last}-full", {last: 100.0})
    rooms.items.rows.clear()
    rooms.sweep.sweep()
    assert (rooms.ledger.champion("digits") or Run("", "", "", "", "")).run_id == last


def test_a_run_that_was_under_way_when_the_ledger_was_lost_is_aborted(rooms: Rooms) -> None:
    first, _ = promoted_and_rejected(rooms)
    third = rooms.a_run(3)
    rooms.items.rows.clear()
    rooms.executions.retrains.clear()
    done = rooms.sweep.sweep(ledger_lost=True)
    assert (rooms.state(first), rooms.state(third)) == ("PROMOTED", "ABORTED")
    assert any("drop the dataset again" in line for line in done)
    rooms.clock.pass_(5)
    rooms.drop("digits/train/v3.csv", csv_of(3))
    assert rooms.executions.running == [f"{third.run_id}-r2"]


def test_with_the_ledger_at_hand_a_snapshot_without_a_record_is_left_to_its_admission(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.items.rows.clear()
    rooms.sweep.sweep()
    assert rooms.state(run) is None


def test_one_model_that_cannot_be_swept_does_not_hide_the_others(rooms: Rooms) -> None:
    rooms.a_run(1, "aaa")
    run = rooms.a_run(2, "bbb")
    rooms.items.update("MODEL#aaa", "CHAMPION", {"champion": "not JSON", "former": "[]"})
    rooms.executions.breaks(run.run_id)
    done = rooms.sweep.sweep()
    assert f"{run.run_id}: ended unseen, settled as FAILED" in done
    assert done[0].startswith("aaa: not swept, JSONDecodeError")

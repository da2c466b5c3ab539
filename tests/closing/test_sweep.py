"""What events lost is found: runs that ended unseen or never began, endpoints left between two models, lost ledgers."""

import json

import pytest

from switchyard.core.names import Names
from switchyard.core.ports import Execution
from switchyard.core.run import Run, RunState
from tests.closing.test_settle_run import ENDPOINT, at_canary
from tests.fakes.stations import PREFIX, Stations, csv_of


def test_a_sweep_of_a_house_in_order_does_nothing(stations: Stations) -> None:
    stations.champion()
    stations.a_run()
    before = json.dumps(sorted(map(str, stations.items.rows.items())))
    assert stations.sweep.sweep() == []
    assert json.dumps(sorted(map(str, stations.items.rows.items()))) == before


@pytest.mark.parametrize(
    ("status", "state"), [("FAILED", "FAILED"), ("ABORTED", "ABORTED"), ("TIMED_OUT", "FAILED")]
)
def test_a_run_that_ended_unseen_is_settled(stations: Stations, status: str, state: str) -> None:
    run = stations.a_run()
    stations.executions.breaks(run.run_id, status)
    assert stations.sweep.sweep() == [f"{run.run_id}: ended unseen, settled as {state}"]
    assert stations.states() == [state]


def test_a_promotion_that_nobody_saw_is_settled_and_what_waits_is_started(stations: Stations) -> None:
    run = stations.a_run()
    stations.drop("digits/train/v2.csv", csv_of(2))
    stations.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    stations.executions.succeeds(run.run_id, "PROMOTED")
    stations.control.put_endpoint(ENDPOINT, f"switchyard-{run.run_id}-full", {run.run_id: 100.0})
    stations.sweep.sweep()
    assert stations.states() == ["PROMOTED", "RUNNING"]


def test_an_admitted_run_that_never_started_is_started(stations: Stations) -> None:
    run = stations.a_run()
    stations.executions.retrains.clear()
    stations.executions.inputs.clear()
    stations.items.update("MODEL#digits", f"RUN#{run.run_id}", {"state": "ADMITTED"})
    stations.ledger.release("digits", run.run_id)
    stations.sweep.sweep()
    assert (stations.executions.running, stations.state(run)) == ([run.run_id], "RUNNING")


def test_a_newer_dataset_whose_admission_broke_off_is_not_taken_for_an_old_one(stations: Stations) -> None:
    stations.has_pipeline()
    for seed in (1, 2, 3):
        stations.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    third = str((stations.ledger.waiting("digits") or {})["run_id"])
    second = next(str(u["run_id"]) for u in stations.uploads() if u["state"] == "SUPERSEDED")
    stations.items.update("MODEL#digits", f"RUN#{second}", {"state": "WAITING"})
    run = stations.ledger.run("digits", second)
    stations.ledger.clear_waiting("digits", third)
    stations.ledger.replace_waiting(run, 0.0, None)
    stations.items.update("MODEL#digits", f"RUN#{third}", {"state": "ADMITTED"})
    stations.sweep.sweep()
    assert (stations.ledger.state("digits", second), stations.ledger.state("digits", third)) == (
        "SUPERSEDED",
        "WAITING",
    )


def test_what_lost_its_waiting_place_to_a_newer_one_is_superseded(stations: Stations) -> None:
    """Whoever took its place died before saying so."""
    stations.has_pipeline()
    for seed in (1, 2):
        stations.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    stations.drop("digits/train/v3.csv", csv_of(3))
    second = next(str(u["run_id"]) for u in stations.uploads() if u["state"] == "SUPERSEDED")
    stations.items.update("MODEL#digits", f"RUN#{second}", {"state": "WAITING"})
    stations.sweep.sweep()
    assert stations.states() == ["RUNNING", "SUPERSEDED", "WAITING"]


@pytest.mark.parametrize(
    "lost", ["the place was taken", "the state was set", "the waiting place was cleared"]
)
def test_a_start_that_broke_off_is_finished(stations: Stations, lost: str) -> None:
    run = stations.a_run()
    stations.drop("digits/train/v2.csv", csv_of(2))
    second = str((stations.ledger.waiting("digits") or {})["run_id"])
    stations.executions.breaks(run.run_id)
    stations.ledger.set_state("digits", run.run_id, RunState.FAILED)
    stations.ledger.release("digits", run.run_id)
    stations.ledger.acquire("digits", second)
    if lost != "the place was taken":
        stations.ledger.set_state("digits", second, RunState.RUNNING)
    if lost == "the waiting place was cleared":
        stations.ledger.clear_waiting("digits", second)
    stations.sweep.sweep()
    assert stations.executions.running == [second]
    assert (stations.states(), stations.ledger.waiting("digits")) == (["FAILED", "RUNNING"], None)


def test_a_place_held_by_a_run_that_has_ended_is_freed(stations: Stations) -> None:
    run = stations.a_run()
    stations.drop("digits/train/v2.csv", csv_of(2))
    stations.executions.breaks(run.run_id)
    stations.ledger.set_state("digits", run.run_id, RunState.FAILED)
    stations.sweep.sweep()
    assert stations.states() == ["FAILED", "RUNNING"]


def test_an_endpoint_that_was_left_at_canary_goes_back_to_its_champion(stations: Stations) -> None:
    champion = stations.champion()
    run = stations.a_run()
    at_canary(stations, run)
    stations.executions.breaks(run.run_id)
    stations.ledger.set_state("digits", run.run_id, RunState.FAILED)
    stations.ledger.release("digits", run.run_id)
    stations.ledger.create_run(
        Run("digits", champion.run_id, "0" * 64, "s3://data/x", "digits/snapshots/0/"), 0.0
    )
    stations.ledger.set_state("digits", champion.run_id, RunState.PROMOTED)
    done = stations.sweep.sweep()
    assert done == ["digits: its endpoint was not the champion's alone; restoring digits-champion0000"]
    assert list(stations.executions.restores) == [f"digits-champion0000-sweep-{int(stations.clock())}"]


def test_a_restore_that_takes_longer_than_the_sweep_is_not_started_once_more(stations: Stations) -> None:
    """Changes of endpoints take up to 40 minutes, and the sweep comes every 15."""
    test_an_endpoint_that_was_left_at_canary_goes_back_to_its_champion(stations)
    [name] = stations.executions.restores
    for _ in range(3):
        stations.clock.pass_(900)
        stations.sweep.sweep()
    assert list(stations.executions.restores) == [name]
    stations.executions.restores[name] = Execution("FAILED", {}, "")
    stations.clock.pass_(900)
    stations.sweep.sweep()
    assert len(stations.executions.restores) == 2


def test_an_endpoint_that_is_owned_by_a_run_is_left_alone(stations: Stations) -> None:
    stations.champion()
    at_canary(stations, stations.a_run())
    assert stations.sweep.sweep() == []


def test_a_restore_whose_attempts_are_used_up_is_tried_at_every_sweep(stations: Stations) -> None:
    stations.champion()
    run = stations.a_run()
    at_canary(stations, run)
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id))
    for sweep in range(6):
        stations.clock.pass_(900)
        for name in stations.executions.restores:
            stations.executions.restores[name] = Execution("FAILED", {}, "StuckError")
        stations.sweep.sweep()
        running = [name for name, e in stations.executions.restores.items() if e.status == "RUNNING"]
        assert len(running) == 1, sweep
    assert stations.state(run) == "RESTORING"


def test_a_restore_that_ended_unseen_settles_the_run(stations: Stations) -> None:
    champion = stations.champion()
    run = stations.a_run()
    at_canary(stations, run)
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id))
    stations.control.put_endpoint(ENDPOINT, champion.config, {champion.run_id: 100.0})
    stations.sweep.sweep()
    assert stations.state(run) == "FAILED"


def test_an_alpha_whose_run_has_ended_is_deleted(stations: Stations) -> None:
    run = stations.a_run()
    names = Names(PREFIX, "digits", run.run_id)
    stations.control.put_endpoint(names.alpha, names.alpha, {run.run_id: 1.0}, "Creating")
    stations.executions.breaks(run.run_id)
    stations.sweep.sweep()
    assert names.alpha in stations.control.endpoints
    stations.control.settle()
    assert f"{names.alpha}: its run has ended; deleted" in stations.sweep.sweep()
    stations.control.settle()
    assert names.alpha not in stations.control.endpoints


def test_an_alpha_of_a_run_under_way_is_left_alone(stations: Stations) -> None:
    run = stations.a_run()
    names = Names(PREFIX, "digits", run.run_id)
    stations.control.put_endpoint(names.alpha, names.alpha, {run.run_id: 1.0})
    stations.sweep.sweep()
    assert names.alpha in stations.control.endpoints


# the table is lost, the bucket is not


def promoted_and_rejected(stations: Stations) -> tuple[Run, Run]:
    first = stations.a_run(1)
    stations.artifacts.write(
        f"digits/evaluations/{first.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}'
    )
    stations.settle_run.ended(first, stations.executions.succeeds(first.run_id, "PROMOTED", "better"))
    stations.clock.pass_(10)
    second = stations.a_run(2)
    stations.settle_run.ended(second, stations.executions.succeeds(second.run_id, "REJECTED", "worse"))
    model, config = f"switchyard-{first.run_id}", f"switchyard-{first.run_id}-full"
    stations.control.models[model], stations.control.configs[config] = (
        "artifact",
        {first.run_id: (model, 100.0)},
    )
    stations.control.put_endpoint(ENDPOINT, config, {first.run_id: 100.0})
    return first, second


def test_a_lost_ledger_is_rebuilt_from_the_decision_records(stations: Stations) -> None:
    first, second = promoted_and_rejected(stations)
    champion = stations.ledger.champion("digits")
    stations.items.rows.clear()
    assert stations.sweep.sweep() == [f"digits: {first.run_id} is champion again, from its decision record"]
    assert stations.ledger.champion("digits") == champion
    assert (stations.state(first), stations.state(second)) == ("PROMOTED", "REJECTED")
    assert sorted((str(u["state"]), str(u["reason"])) for u in stations.uploads()) == [
        ("PROMOTED", "better"),
        ("REJECTED", "worse"),
    ]
    assert stations.sweep.sweep() == []


def test_the_last_promoted_is_champion_again(stations: Stations) -> None:
    for seed in (1, 2):
        stations.clock.pass_(10)
        run = stations.a_run(seed)
        stations.artifacts.write(
            f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}'
        )
        stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "PROMOTED"))
        last = run.run_id
    stations.control.put_endpoint(ENDPOINT, f"switchyard-{last}-full", {last: 100.0})
    stations.items.rows.clear()
    stations.sweep.sweep()
    assert (stations.ledger.champion("digits") or Run("", "", "", "", "")).run_id == last


def test_a_run_that_was_under_way_when_the_ledger_was_lost_is_aborted(stations: Stations) -> None:
    first, _ = promoted_and_rejected(stations)
    third = stations.a_run(3)
    stations.items.rows.clear()
    stations.executions.retrains.clear()
    done = stations.sweep.sweep(ledger_lost=True)
    assert (stations.state(first), stations.state(third)) == ("PROMOTED", "ABORTED")
    assert any("drop the dataset again" in line for line in done)
    stations.clock.pass_(5)
    stations.drop("digits/train/v3.csv", csv_of(3))
    assert stations.executions.running == [f"{third.run_id}-r2"]


def test_the_endpoint_does_not_wait_for_what_was_superseded_before_the_ledger_was_lost(
    stations: Stations,
) -> None:
    """A flood of drops leaves thousands of them, and each takes the sweep some calls."""
    first, _ = promoted_and_rejected(stations)
    third = stations.a_run(3)
    stations.artifacts.write(f"digits/prepared/{third.run_id}/schema.json", b"{}")
    for seed in range(4, 9):
        stations.clock.pass_(1)
        stations.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    stations.control.put_endpoint(ENDPOINT, "canary", {first.run_id: 90.0, third.run_id: 10.0})
    stations.items.rows.clear()
    stations.executions.retrains.clear()
    done = stations.sweep.sweep(ledger_lost=True)
    restored = next(at for at, line in enumerate(done) if "restoring" in line)
    superseded = [at for at, line in enumerate(done) if "SUPERSEDED" in line]
    assert (len(superseded), min(superseded) > restored) == (4, True), done
    assert sorted(stations.states()) == ["ABORTED"] * 2 + ["PROMOTED", "REJECTED"] + ["SUPERSEDED"] * 4


def test_with_the_ledger_at_hand_a_snapshot_without_a_record_is_left_to_its_admission(
    stations: Stations,
) -> None:
    run = stations.a_run()
    stations.items.rows.clear()
    stations.sweep.sweep()
    assert stations.state(run) is None


def test_one_model_that_cannot_be_swept_does_not_hide_the_others(stations: Stations) -> None:
    stations.a_run(1, "aaa")
    run = stations.a_run(2, "bbb")
    stations.items.update("MODEL#aaa", "CHAMPION", {"champion": "not JSON", "former": "[]"})
    stations.executions.breaks(run.run_id)
    done = stations.sweep.sweep()
    assert f"{run.run_id}: ended unseen, settled as FAILED" in done
    assert done[0].startswith("aaa: not swept, JSONDecodeError")

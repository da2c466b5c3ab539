"""A model is added, changed and taken out of service by its pipeline.yaml alone."""

import json
from typing import Any

import pytest

from switchyard.core.names import Names
from switchyard.core.run import Run, RunState
from switchyard.triggers.check_drift import CheckDrift
from switchyard.triggers.rules.request import Cause, Request
from switchyard.triggers.run_schedules import RunSchedules
from tests.fakes.flow import FakeArrivals
from tests.fakes.rooms import PREFIX, Rooms, csv_of

ENDPOINT = "switchyard-digits"


def served(rooms: Rooms, seed: int = 1, **parts: Any) -> Run:
    """The model's first run, promoted: its endpoint serves."""
    rooms.has_pipeline(**parts)
    run = rooms.a_run(seed)
    names = Names(PREFIX, run.model, run.run_id)
    rooms.control.models[names.sagemaker_model] = "artifact"
    if parts.get("deployment", {}).get("mode") != "batch":
        rooms.control.configs[names.full_config] = {run.run_id: (names.sagemaker_model, 100.0)}
        rooms.control.put_endpoint(ENDPOINT, names.full_config, {run.run_id: 100.0})
    evaluation = f"digits/evaluations/{run.run_id}/evaluation.json"
    rooms.artifacts.write(evaluation, b'{"artifact_sha256": "cd"}')
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "PROMOTED"))
    return run


def retire(rooms: Rooms, **parts: Any) -> None:
    rooms.has_pipeline(retire=True, **parts)


def sweep_until_quiet(rooms: Rooms) -> list[str]:
    said: list[str] = []
    for _ in range(6):
        rooms.clock.pass_(900)
        done = rooms.sweep.sweep()
        rooms.control.settle()
        if not done:
            return said
        said += done
    raise AssertionError(f"still not quiet: {said}")


def left(rooms: Rooms) -> list[str]:
    return [*rooms.control.endpoints, *rooms.control.configs, *rooms.control.models]


@pytest.mark.parametrize("deployment", [{}, {"mode": "serverless"}, {"mode": "async"}, {"mode": "batch"}])
def test_nothing_that_costs_is_left_of_a_retired_model(rooms: Rooms, deployment: dict[str, str]) -> None:
    served(rooms, deployment=deployment)
    retire(rooms, deployment=deployment)
    sweep_until_quiet(rooms)
    assert left(rooms) == []
    assert rooms.ledger.kept_champions("digits") == []


def test_data_records_and_packages_stay_and_people_are_told(rooms: Rooms) -> None:
    run = served(rooms)
    before = set(rooms.artifacts.objects)
    retire(rooms)
    sweep_until_quiet(rooms)
    assert before <= set(rooms.artifacts.objects)
    [record] = [key for key in set(rooms.artifacts.objects) - before if "/decisions/retired-" in key]
    assert json.loads(rooms.artifacts.read(record))["champion_before"] == run.run_id
    assert rooms.notices.told[-1][0] == "digits: RETIRED"


def test_a_dry_run_names_it_first_and_changes_nothing(rooms: Rooms) -> None:
    run = served(rooms)
    retire(rooms)
    there = left(rooms)
    assert rooms.sweep.sweep(dry_run=True) == [
        f"digits: pipeline.yaml says retire; its champion {run.run_id} steps down",
        f"digits: retired; endpoint {ENDPOINT} is to be deleted",
    ]
    assert left(rooms) == there
    assert rooms.ledger.champion("digits") is not None


def test_a_run_under_way_comes_to_its_end_first(rooms: Rooms) -> None:
    served(rooms)
    run = rooms.a_run(2)
    retire(rooms)
    assert f"digits: retires when {run.run_id} has ended" in rooms.sweep.sweep(dry_run=True)
    rooms.sweep.sweep()
    assert ENDPOINT in rooms.control.endpoints
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "REJECTED"))
    sweep_until_quiet(rooms)
    assert left(rooms) == []


def test_what_waits_is_told_that_the_model_retires(rooms: Rooms) -> None:
    served(rooms)
    rooms.a_run(2)
    waiting = rooms.a_run(3)
    retire(rooms)
    rooms.sweep.sweep()
    assert rooms.state(waiting) is RunState.ABORTED
    assert rooms.ledger.waiting("digits") is None


def test_a_drop_of_either_kind_has_a_clear_verdict(rooms: Rooms) -> None:
    served(rooms)
    retire(rooms)
    sweep_until_quiet(rooms)
    assert "retire: the model is retired; take `retire: true` out" in rooms.drop(
        "digits/train/n.csv", csv_of(9)
    )
    rooms.upload("digits/batch/n.csv", "a,b\n1,2\n")
    assert "INVALID: digits/pipeline.yaml: retire" in rooms.admit_batch.admit("digits/batch/n.csv")
    assert rooms.states() == ["INVALID", "INVALID", "PROMOTED"]


def test_neither_schedule_nor_drift_nor_a_hand_starts_a_run(rooms: Rooms) -> None:
    served(rooms)
    retire(rooms, schedule="rate(1 day)", drift={})
    asked = FakeArrivals()
    rooms.clock.pass_(10 * 86400)
    run_schedules = RunSchedules(rooms.ledger, rooms.artifacts, asked, rooms.clock)
    check_drift = CheckDrift(PREFIX, rooms.ledger, rooms.artifacts, asked, rooms.clock)
    assert (run_schedules.tick(), check_drift.tick(), asked.sent) == ([], [], [])
    answer = rooms.retraining.retrain(Request("digits", Cause.HAND, "1", always=True))
    assert (answer.run_id, "the model is retired" in answer.became) == ("", True)


@pytest.mark.parametrize("seed", [1, 2])
def test_back_in_service_it_is_a_first_deployment_anew_of_old_data_or_new(rooms: Rooms, seed: int) -> None:
    served(rooms)
    retire(rooms)
    sweep_until_quiet(rooms)
    rooms.has_pipeline()
    rooms.drop("digits/train/back.csv", csv_of(seed))
    [running] = rooms.executions.running
    assert rooms.ledger.champion("digits") is None
    run = rooms.ledger.run("digits", running)
    rooms.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "PROMOTED"))
    rooms.sweep.sweep()
    assert (rooms.ledger.champion("digits") or run).run_id == run.run_id


def test_back_in_service_a_schedule_finds_something_to_learn(rooms: Rooms) -> None:
    served(rooms)
    retire(rooms)
    sweep_until_quiet(rooms)
    rooms.has_pipeline()
    assert rooms.retraining.retrain(Request("digits", Cause.SCHEDULE, "1")).run_id


def test_a_lost_ledger_does_not_bring_a_retired_model_back(rooms: Rooms) -> None:
    served(rooms)
    retire(rooms)
    sweep_until_quiet(rooms)
    rooms.has_pipeline()
    rooms.items.rows.clear()
    rooms.sweep.sweep(ledger_lost=True)
    assert rooms.ledger.champion("digits") is None
    assert rooms.ledger.retirement("digits") is not None
    assert rooms.states() == ["PROMOTED"]


def test_a_file_that_is_only_gone_takes_nothing_down_and_is_told(rooms: Rooms) -> None:
    run = served(rooms)
    del rooms.artifacts.objects["digits/pipeline.yaml"]
    for dry_run in (True, False):
        [said] = rooms.sweep.sweep(dry_run=dry_run)
        assert "digits/pipeline.yaml is gone" in said
        assert f"{run.run_id} serves on; put it back" in said
    assert ENDPOINT in rooms.control.endpoints
    assert "has no pipeline.yaml" in rooms.drop("digits/train/n.csv", csv_of(9))


@pytest.mark.parametrize("text", ["retire: true", "name: digits\ntarget: y\nretire: maybe", "\xff", "{"])
def test_a_file_that_cannot_be_read_retires_nobody(rooms: Rooms, text: str) -> None:
    served(rooms)
    rooms.artifacts.write("digits/pipeline.yaml", text.encode("latin-1"))
    rooms.sweep.sweep()
    assert ENDPOINT in rooms.control.endpoints
    assert rooms.ledger.champion("digits") is not None


def test_another_model_whose_name_begins_alike_is_left_alone(rooms: Rooms) -> None:
    served(rooms)
    rooms.champion("digits-two-champion0000", model="digits-two")
    rooms.has_pipeline("digits-two")
    retire(rooms)
    sweep_until_quiet(rooms)
    assert list(rooms.control.endpoints) == ["switchyard-digits-two"]
    assert rooms.ledger.champion("digits-two") is not None


def test_a_model_is_added_and_changed_by_its_file_alone(rooms: Rooms) -> None:
    assert "has no pipeline.yaml" in rooms.drop("digits/train/v1.csv", csv_of(1))
    rooms.has_pipeline()
    rooms.drop("digits/train/v1.csv", csv_of(1))
    [first] = rooms.executions.running
    assert rooms.snapshots.pipeline(rooms.ledger.run("digits", first)).deployment.instance_count == 1
    rooms.settle_run.ended(rooms.ledger.run("digits", first), rooms.executions.succeeds(first, "REJECTED"))
    rooms.has_pipeline(deployment={"instance_count": 2})
    rooms.drop("digits/train/v2.csv", csv_of(2))
    [second] = rooms.executions.running
    assert rooms.snapshots.pipeline(rooms.ledger.run("digits", second)).deployment.instance_count == 2


STEPS = ("write", "retire", "delete_endpoint")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_sweep_that_breaks_off_is_carried_on_by_the_next(rooms: Rooms, step: str, when: str) -> None:
    served(rooms)
    retire(rooms)
    target = {"write": rooms.artifacts, "retire": rooms.ledger, "delete_endpoint": rooms.control}[step]
    real = getattr(target, step)

    def breaks(*given: Any, **named: Any) -> None:
        setattr(target, step, real)
        if when == "after":
            real(*given, **named)
        raise RuntimeError

    setattr(target, step, breaks)
    rooms.sweep.sweep()
    sweep_until_quiet(rooms)
    assert left(rooms) == []

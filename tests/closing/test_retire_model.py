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
from tests.fakes.stations import PREFIX, Stations, csv_of

ENDPOINT = "switchyard-digits"


def served(stations: Stations, seed: int = 1, **parts: Any) -> Run:
    """The model's first run, promoted: its endpoint serves."""
    stations.has_pipeline(**parts)
    run = stations.a_run(seed)
    names = Names(PREFIX, run.model, run.run_id)
    stations.control.models[names.sagemaker_model] = "artifact"
    if parts.get("deployment", {}).get("mode") != "batch":
        stations.control.configs[names.full_config] = {run.run_id: (names.sagemaker_model, 100.0)}
        stations.control.put_endpoint(ENDPOINT, names.full_config, {run.run_id: 100.0})
    evaluation = f"digits/evaluations/{run.run_id}/evaluation.json"
    stations.artifacts.write(evaluation, b'{"artifact_sha256": "cd"}')
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "PROMOTED"))
    return run


def retire(stations: Stations, **parts: Any) -> None:
    stations.has_pipeline(retire=True, **parts)


def sweep_until_quiet(stations: Stations) -> list[str]:
    said: list[str] = []
    for _ in range(6):
        stations.clock.pass_(900)
        done = stations.sweep.sweep()
        stations.control.settle()
        if not done:
            return said
        said += done
    raise AssertionError(f"still not quiet: {said}")


def left(stations: Stations) -> list[str]:
    return [*stations.control.endpoints, *stations.control.configs, *stations.control.models]


@pytest.mark.parametrize("deployment", [{}, {"mode": "serverless"}, {"mode": "async"}, {"mode": "batch"}])
def test_nothing_that_costs_is_left_of_a_retired_model(
    stations: Stations, deployment: dict[str, str]
) -> None:
    served(stations, deployment=deployment)
    retire(stations, deployment=deployment)
    sweep_until_quiet(stations)
    assert left(stations) == []
    assert stations.ledger.kept_champions("digits") == []


def test_data_records_and_packages_stay_and_people_are_told(stations: Stations) -> None:
    run = served(stations)
    before = set(stations.artifacts.objects)
    retire(stations)
    sweep_until_quiet(stations)
    assert before <= set(stations.artifacts.objects)
    [record] = [key for key in set(stations.artifacts.objects) - before if "/decisions/retired-" in key]
    assert json.loads(stations.artifacts.read(record))["champion_before"] == run.run_id
    assert stations.notices.told[-1][0] == "digits: RETIRED"


def test_a_dry_run_names_it_first_and_changes_nothing(stations: Stations) -> None:
    run = served(stations)
    retire(stations)
    there = left(stations)
    assert stations.sweep.sweep(dry_run=True) == [
        f"digits: pipeline.yaml says retire; its champion {run.run_id} steps down",
        f"digits: retired; endpoint {ENDPOINT} is to be deleted",
    ]
    assert left(stations) == there
    assert stations.ledger.champion("digits") is not None


def test_a_run_under_way_comes_to_its_end_first(stations: Stations) -> None:
    served(stations)
    run = stations.a_run(2)
    retire(stations)
    assert f"digits: retires when {run.run_id} has ended" in stations.sweep.sweep(dry_run=True)
    stations.sweep.sweep()
    assert ENDPOINT in stations.control.endpoints
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "REJECTED"))
    sweep_until_quiet(stations)
    assert left(stations) == []


def test_what_waits_is_told_that_the_model_retires(stations: Stations) -> None:
    served(stations)
    stations.a_run(2)
    waiting = stations.a_run(3)
    retire(stations)
    stations.sweep.sweep()
    assert stations.state(waiting) is RunState.ABORTED
    assert stations.ledger.waiting("digits") is None


def test_a_drop_of_either_kind_has_a_clear_verdict(stations: Stations) -> None:
    served(stations)
    retire(stations)
    sweep_until_quiet(stations)
    assert "retire: the model is retired; take `retire: true` out" in stations.drop(
        "digits/train/n.csv", csv_of(9)
    )
    stations.upload("digits/batch/n.csv", "a,b\n1,2\n")
    assert "INVALID: digits/pipeline.yaml: retire" in stations.admit_batch.admit("digits/batch/n.csv")
    assert stations.states() == ["INVALID", "INVALID", "PROMOTED"]


def test_neither_schedule_nor_drift_nor_a_hand_starts_a_run(stations: Stations) -> None:
    served(stations)
    retire(stations, schedule="rate(1 day)", drift={})
    asked = FakeArrivals()
    stations.clock.pass_(10 * 86400)
    run_schedules = RunSchedules(stations.ledger, stations.artifacts, asked, stations.clock)
    check_drift = CheckDrift(PREFIX, stations.ledger, stations.artifacts, asked, stations.clock)
    assert (run_schedules.tick(), check_drift.tick(), asked.sent) == ([], [], [])
    answer = stations.retraining.retrain(Request("digits", Cause.HAND, "1", always=True))
    assert (answer.run_id, "the model is retired" in answer.became) == ("", True)


@pytest.mark.parametrize("seed", [1, 2])
def test_back_in_service_it_is_a_first_deployment_anew_of_old_data_or_new(
    stations: Stations, seed: int
) -> None:
    served(stations)
    retire(stations)
    sweep_until_quiet(stations)
    stations.has_pipeline()
    stations.drop("digits/train/back.csv", csv_of(seed))
    [running] = stations.executions.running
    assert stations.ledger.champion("digits") is None
    run = stations.ledger.run("digits", running)
    stations.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "PROMOTED"))
    stations.sweep.sweep()
    assert (stations.ledger.champion("digits") or run).run_id == run.run_id


def test_back_in_service_a_schedule_finds_something_to_learn(stations: Stations) -> None:
    served(stations)
    retire(stations)
    sweep_until_quiet(stations)
    stations.has_pipeline()
    assert stations.retraining.retrain(Request("digits", Cause.SCHEDULE, "1")).run_id


def test_a_lost_ledger_does_not_bring_a_retired_model_back(stations: Stations) -> None:
    served(stations)
    retire(stations)
    sweep_until_quiet(stations)
    stations.has_pipeline()
    stations.items.rows.clear()
    stations.sweep.sweep(ledger_lost=True)
    assert stations.ledger.champion("digits") is None
    assert stations.ledger.retirement("digits") is not None
    assert stations.states() == ["PROMOTED"]


def test_a_file_that_is_only_gone_takes_nothing_down_and_is_told(stations: Stations) -> None:
    run = served(stations)
    del stations.artifacts.objects["digits/pipeline.yaml"]
    for dry_run in (True, False):
        [said] = stations.sweep.sweep(dry_run=dry_run)
        assert "digits/pipeline.yaml is gone" in said
        assert f"{run.run_id} serves on; put it back" in said
    assert ENDPOINT in stations.control.endpoints
    assert "has no pipeline.yaml" in stations.drop("digits/train/n.csv", csv_of(9))


@pytest.mark.parametrize("text", ["retire: true", "name: digits\ntarget: y\nretire: maybe", "\xff", "{"])
def test_a_file_that_cannot_be_read_retires_nobody(stations: Stations, text: str) -> None:
    served(stations)
    stations.artifacts.write("digits/pipeline.yaml", text.encode("latin-1"))
    stations.sweep.sweep()
    assert ENDPOINT in stations.control.endpoints
    assert stations.ledger.champion("digits") is not None


def test_another_model_whose_name_begins_alike_is_left_alone(stations: Stations) -> None:
    served(stations)
    stations.champion("digits-two-champion0000", model="digits-two")
    stations.has_pipeline("digits-two")
    retire(stations)
    sweep_until_quiet(stations)
    assert list(stations.control.endpoints) == ["switchyard-digits-two"]
    assert stations.ledger.champion("digits-two") is not None


def test_a_model_is_added_and_changed_by_its_file_alone(stations: Stations) -> None:
    assert "has no pipeline.yaml" in stations.drop("digits/train/v1.csv", csv_of(1))
    stations.has_pipeline()
    stations.drop("digits/train/v1.csv", csv_of(1))
    [first] = stations.executions.running
    assert stations.snapshots.pipeline(stations.ledger.run("digits", first)).deployment.instance_count == 1
    stations.settle_run.ended(
        stations.ledger.run("digits", first), stations.executions.succeeds(first, "REJECTED")
    )
    stations.has_pipeline(deployment={"instance_count": 2})
    stations.drop("digits/train/v2.csv", csv_of(2))
    [second] = stations.executions.running
    assert stations.snapshots.pipeline(stations.ledger.run("digits", second)).deployment.instance_count == 2


STEPS = ("write", "retire", "delete_endpoint")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_sweep_that_breaks_off_is_carried_on_by_the_next(stations: Stations, step: str, when: str) -> None:
    served(stations)
    retire(stations)
    target = {"write": stations.artifacts, "retire": stations.ledger, "delete_endpoint": stations.control}[
        step
    ]
    real = getattr(target, step)

    def breaks(*given: Any, **named: Any) -> None:
        setattr(target, step, real)
        if when == "after":
            real(*given, **named)
        raise RuntimeError

    setattr(target, step, breaks)
    stations.sweep.sweep()
    sweep_until_quiet(stations)
    assert left(stations) == []

"""A lost event costs the time until the next sweep, and not a lap of a day."""

import pytest

from switchyard.core.names import Names
from switchyard.core.resources.observation import Expected
from tests.fakes.stations import PREFIX, Stations


def test_a_training_job_whose_event_was_lost_is_answered_by_the_sweep(stations: Stations) -> None:
    run = stations.a_run()
    stations.start_training.start(run, ["train"], "t")
    stations.control.settle()
    said = stations.sweep.sweep()
    job = Names(PREFIX, run.model, run.run_id).training_job
    assert any(job in line and "no event told of it; answered" in line for line in said)
    assert [answer[0] for answer in stations.tokens.answers] == ["t"]


def test_what_is_under_way_is_left_alone(stations: Stations) -> None:
    run = stations.a_run()
    stations.start_training.start(run, ["train"], "t")
    assert stations.sweep.sweep() == []
    assert stations.tokens.answers == []


def test_a_dry_sweep_says_it_and_answers_nobody(stations: Stations) -> None:
    run = stations.a_run()
    stations.start_training.start(run, ["train"], "t")
    stations.control.settle()
    assert any("no event told of it" in line for line in stations.sweep.sweep(dry_run=True))
    assert stations.tokens.answers == []


@pytest.mark.parametrize("of", ["endpoint", "alpha"])
def test_endpoints_are_looked_at_too(stations: Stations, of: str) -> None:
    run = stations.a_run()
    name = str(getattr(Names(PREFIX, run.model, run.run_id), of))
    stations.waiting.for_endpoint(name, f"{run.run_id}#k", "t", Expected("c"), {"ok": 1}, lambda: None)
    stations.control.put_endpoint(name, "c", {"a": 100.0})
    stations.sweep.sweep()
    assert ("t", {"ok": 1}) in stations.tokens.answers

"""A lost event costs the time until the next sweep, and not a lap of a day."""

import pytest

from switchyard.core.names import Names
from switchyard.core.resources.observation import Expected
from tests.fakes.rooms import PREFIX, Rooms


def test_a_training_job_whose_event_was_lost_is_answered_by_the_sweep(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.start_training.start(run, ["train"], "t")
    rooms.control.settle()
    said = rooms.sweep.sweep()
    job = Names(PREFIX, run.model, run.run_id).training_job
    assert any(job in line and "no event told of it; answered" in line for line in said)
    assert [answer[0] for answer in rooms.tokens.answers] == ["t"]


def test_what_is_under_way_is_left_alone(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.start_training.start(run, ["train"], "t")
    assert rooms.sweep.sweep() == []
    assert rooms.tokens.answers == []


def test_a_dry_sweep_says_it_and_answers_nobody(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.start_training.start(run, ["train"], "t")
    rooms.control.settle()
    assert any("no event told of it" in line for line in rooms.sweep.sweep(dry_run=True))
    assert rooms.tokens.answers == []


@pytest.mark.parametrize("of", ["endpoint", "alpha"])
def test_endpoints_are_looked_at_too(rooms: Rooms, of: str) -> None:
    run = rooms.a_run()
    name = str(getattr(Names(PREFIX, run.model, run.run_id), of))
    rooms.waiting.for_endpoint(name, f"{run.run_id}#k", "t", Expected("c"), {"ok": 1}, lambda: None)
    rooms.control.put_endpoint(name, "c", {"a": 100.0})
    rooms.sweep.sweep()
    assert ("t", {"ok": 1}) in rooms.tokens.answers

"""At a tick each model's schedule is looked at: what is due is asked for once, and a missed tick is caught up once."""

from dataclasses import dataclass, field
from typing import Any

from switchyard.core.run import RunState
from switchyard.triggers.rules.request import Request
from switchyard.triggers.run_schedules import RunSchedules
from tests.fakes.stations import Stations

DAY = 86_400.0


@dataclass
class FakeRequests:
    """Requests go straight to the door, or wait."""

    stations: Stations
    sent: list[Request] = field(default_factory=list)
    broken: bool = False

    def send(self, request: dict[str, Any]) -> None:
        if self.broken:
            raise ConnectionError("no answer")
        self.sent.append(Request.from_dict(request))
        self.stations.retraining.retrain(self.sent[-1])


@dataclass
class Desk:
    stations: Stations = field(default_factory=Stations)

    def __post_init__(self) -> None:
        self.requests = FakeRequests(self.stations)
        self.run_schedules = RunSchedules(
            self.stations.ledger, self.stations.artifacts, self.requests, self.stations.clock
        )

    def scheduled(self, schedule: Any = "rate(1 day)") -> "Desk":
        self.stations.has_pipeline(schedule=schedule)
        return self

    def judged(self) -> "Desk":
        run = self.stations.a_run()
        self.stations.settle_run.ended(run, self.stations.executions.succeeds(run.run_id, "REJECTED"))
        return self

    def tick(self, seconds: float = 60.0) -> list[str]:
        self.stations.clock.pass_(seconds)
        return self.run_schedules.tick()

    def sources(self) -> list[str]:
        return [str(item["source"]) for item in self.stations.ledger.runs("digits")]


def test_a_new_schedule_counts_from_when_it_was_written() -> None:
    desk = Desk().scheduled().judged()
    assert desk.tick(DAY - 100) == []
    assert desk.requests.sent == []
    desk.tick(100)
    assert len(desk.requests.sent) == 1


def test_what_is_due_is_asked_for_once() -> None:
    desk = Desk().scheduled({"when": "rate(1 day)", "always": True}).judged()
    desk.tick()
    [said] = desk.tick(DAY)
    assert said == "digits: rate(1 day) was due at 2027-01-16T08:00:00+00:00"
    assert desk.tick() == []
    assert "schedule" in desk.sources()


def test_missed_ticks_are_caught_up_once_and_the_rhythm_is_kept() -> None:
    desk = Desk().scheduled({"when": "rate(1 day)", "always": True}).judged()
    desk.tick()
    desk.tick(3.5 * DAY)
    assert len(desk.requests.sent) == 1
    desk.tick(0.5 * DAY)
    assert len(desk.requests.sent) == 2


def test_same_data_and_same_pipeline_start_nothing() -> None:
    desk = Desk().scheduled().judged()
    desk.tick()
    desk.tick(DAY)
    assert len(desk.requests.sent) == 1
    assert desk.sources() == ["s3://data/digits/train/v1.csv"]


def test_a_schedule_that_changes_counts_anew_and_is_no_reason_to_retrain() -> None:
    desk = Desk().scheduled().judged()
    desk.tick()
    desk.scheduled("rate(2 days)")
    assert desk.tick(DAY) == []
    desk.tick(DAY)
    assert len(desk.requests.sent) == 1
    assert desk.sources() == ["s3://data/digits/train/v1.csv"]


def test_a_schedule_that_is_taken_away_is_forgotten() -> None:
    desk = Desk().scheduled().judged()
    desk.tick()
    desk.stations.has_pipeline()
    assert desk.tick(DAY) == []
    assert desk.stations.ledger.trigger("digits", "schedule") is None


def test_a_request_that_did_not_go_out_goes_out_at_the_next_tick() -> None:
    desk = Desk().scheduled({"when": "rate(1 day)", "always": True}).judged()
    desk.tick()
    desk.requests.broken = True
    assert "ConnectionError" in desk.tick(DAY)[0]
    desk.requests.broken = False
    desk.tick()
    assert len(desk.requests.sent) == 1


def test_a_tick_that_died_before_its_note_asks_for_the_same_run() -> None:
    desk = Desk().scheduled({"when": "rate(1 day)", "always": True}).judged()
    desk.tick()
    note = desk.stations.ledger.trigger("digits", "schedule")
    desk.tick(DAY)
    assert note is not None
    desk.stations.items.put(note)
    desk.tick()
    first, second = desk.requests.sent
    assert first.run_id == second.run_id
    assert desk.sources().count("schedule") == 1


def test_one_models_trouble_does_not_stop_the_others() -> None:
    desk = Desk().scheduled().judged()
    desk.stations.artifacts.write("broken/pipeline.yaml", b"name: broken\ntarget: y\nschedule: daily\n")
    said = desk.tick()
    assert "broken: not looked at, InvalidPipelineError: broken/pipeline.yaml: schedule: 'daily'" in said[0]
    assert len(said) == 1
    assert desk.stations.ledger.trigger("digits", "schedule") is not None


def test_a_run_under_way_on_the_newest_data_is_enough() -> None:
    desk = Desk().scheduled({"when": "rate(1 day)", "always": True})
    run = desk.stations.a_run()
    desk.tick()
    desk.tick(DAY)
    assert len(desk.requests.sent) == 1
    assert desk.stations.ledger.state("digits", run.run_id) is RunState.RUNNING
    assert desk.stations.executions.running == [run.run_id]

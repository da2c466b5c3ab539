"""Many drops of one model cost a bounded number of runs and calls; `python -m tests.flood --drops 10000` plays more."""

import pytest

from tests.fakes.stations import Stations, csv_of
from tests.flood.bound import broken, dollars_a_drop, dollars_an_hour
from tests.flood.play import ENDINGS, end, flooded

DROPS = 120  # more than may start on one day


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_flood_keeps_to_its_bounds(ending: str) -> None:
    assert list(broken(flooded(DROPS, ending))) == []


def test_the_prices_that_operations_tells_are_those_of_the_template() -> None:
    assert (round(dollars_an_hour(), 2), round(dollars_a_drop(), 2)) == (0.6, 0.09)


def declared(stations: Stations, runs: int) -> None:
    stations.has_pipeline(budget={"runs_per_day": runs})


def test_what_comes_after_the_day_s_runs_waits_says_why_and_starts_the_next_day() -> None:
    stations = Stations()
    declared(stations, 2)
    for number in range(2):
        stations.drop(f"digits/train/v{number}.csv", csv_of(number))
        end(stations)
    assert "waits" in stations.drop("digits/train/v2.csv", csv_of(2))
    [waiting] = [item for item in stations.uploads() if item["state"] == "WAITING"]
    assert "2 runs of this model started on" in str(waiting["reason"])
    assert "budget.runs_per_day is 2" in str(waiting["reason"])
    stations.sweep.sweep()
    assert stations.executions.running == []
    stations.clock.pass_(86_400)
    stations.sweep.sweep()
    assert stations.executions.running == [waiting["run_id"]]


def test_of_what_waits_for_the_next_day_the_newest_alone_is_trained() -> None:
    stations = Stations()
    declared(stations, 1)
    for number in range(4):
        stations.drop(f"digits/train/v{number}.csv", csv_of(number))
        end(stations)
    assert stations.states() == ["REJECTED", "SUPERSEDED", "SUPERSEDED", "WAITING"]
    assert len(stations.executions.inputs) == 1


def test_what_waited_for_a_run_and_meets_the_limit_says_so() -> None:
    stations = Stations()
    declared(stations, 1)
    for number in range(2):
        stations.drop(f"digits/train/v{number}.csv", csv_of(number))
    end(stations)
    [waiting] = [item for item in stations.ledger.runs("digits") if item["state"] == "WAITING"]
    assert "budget.runs_per_day is 1" in str(waiting["reason"])


def test_a_run_that_is_told_of_twice_counts_once() -> None:
    stations = Stations()
    declared(stations, 2)
    key = stations.upload("digits/train/v1.csv", csv_of(1))
    for _ in range(3):
        stations.admission.admit(key)
    end(stations)
    stations.drop("digits/train/v2.csv", csv_of(2))
    assert len(stations.executions.inputs) == 2


def test_a_run_that_is_under_way_is_not_sent_to_wait_by_its_own_start() -> None:
    stations = Stations()
    declared(stations, 1)
    key = stations.upload("digits/train/v1.csv", csv_of(1))
    for _ in range(3):
        stations.admission.admit(key)
    assert stations.ledger.waiting("digits") is None
    assert stations.states() == ["RUNNING"]


def test_other_models_start_all_the_same() -> None:
    stations = Stations()
    declared(stations, 1)
    stations.drop("digits/train/v1.csv", csv_of(1))
    end(stations)
    stations.has_pipeline("fraud")
    stations.drop("fraud/train/v1.csv", csv_of(2))
    assert len(stations.executions.running) == 1

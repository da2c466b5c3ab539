"""A sweep that has no time for all models goes on with the others the next time; none is passed over."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.closing.sweep_order import Turns
from switchyard.core.ledger.ledger import Ledger
from tests.fakes.stations import Stations, csv_of
from tests.fakes.store import Clock, MemoryItems

ROUND_SECONDS = 200.0


class Killed(BaseException):
    """The function's time was over in the middle of a model."""


def sweep(turns: Turns, clock: Clock, seconds: dict[str, float], kill_after: float) -> list[str]:
    """The models of one sweep, each taking its seconds; those that take too many are cut off and not among them."""
    done, began = [], clock()
    try:
        for turn in turns.of(sorted(seconds), clock() + ROUND_SECONDS):
            left = began + kill_after - clock()
            done += [model for model in turn if seconds[model] < left]
            clock.pass_(min(left, max(seconds[model] for model in turn)))
            if clock() - began >= kill_after:
                raise Killed
    except Killed:
        clock.pass_(900)
    return done


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.floats(1, 250), min_size=1, max_size=12),
    st.integers(1, 4),
)
def test_every_model_has_its_turn_however_long_the_others_take(
    seconds: dict[str, float], at_once: int
) -> None:
    clock = Clock()
    turns = Turns(Ledger(MemoryItems(), clock), clock, at_once)
    seen: Counter[str] = Counter()
    for _ in range(2 * len(seconds)):
        seen.update(sweep(turns, clock, seconds, kill_after=300.0))
    assert set(seen) == set(seconds)


def test_one_model_that_never_comes_to_its_end_does_not_keep_the_others_from_their_turn() -> None:
    clock = Clock()
    turns = Turns(Ledger(MemoryItems(), clock), clock)
    seconds = {"a": 1.0, "b": 1000.0, "c": 1.0}
    swept = [sweep(turns, clock, seconds, kill_after=300.0) for _ in range(4)]
    assert swept == [["a"], [], ["c", "a"], []]


def test_a_sweep_that_came_to_its_end_leaves_nothing_behind() -> None:
    clock, items = Clock(), MemoryItems()
    turns = Turns(Ledger(items, clock), clock)
    assert sweep(turns, clock, {"a": 1.0, "b": 1.0}, kill_after=300.0) == ["a", "b"]
    assert items.rows == {}


def two_models_under_way(stations: Stations) -> None:
    for number, model in enumerate(("aaa", "bbb")):
        stations.has_pipeline(model)
        stations.drop(f"{model}/train/v1.csv", csv_of(number))
    stations.items.rows.clear()
    stations.executions.retrains.clear()


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_lost_ledger_is_lost_for_a_model_until_it_has_had_its_turn(
    stations: Stations, at_once: int
) -> None:
    two_models_under_way(stations)
    sweep = replace(stations.sweep, turns=replace(stations.sweep.turns, at_once=at_once))
    assert sweep.sweep(ledger_lost=True, until=stations.clock() - 1) == []
    assert sweep.is_unfinished()
    sweep.sweep()
    assert not sweep.is_unfinished()
    assert [stations.states(model) for model in ("aaa", "bbb")] == [["ABORTED"], ["ABORTED"]]
    assert stations.ledger.lost_at() == ""

"""What settling a run and sweeping a model cost does not grow with what the model went through before."""

from collections import Counter

import pytest

from switchyard.core.ports import Item
from switchyard.core.run import Outcome, Run, RunState
from tests.fakes.stations import Stations
from tests.fakes.store import Clock, MemoryItems

FEW, MANY = 50, 5_000
AT_MOST = 2.0


class CountedItems(MemoryItems):
    """A table that counts the items that are read, and the writes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def get(self, pk: str, sk: str) -> Item | None:
        self.seen["read"] += 1
        return super().get(pk, sk)

    def query(self, pk: str, prefix: str = "") -> list[Item]:
        found = super().query(pk, prefix)
        self.seen["read"] += max(len(found), 1)
        return found

    def update(self, pk: str, sk: str, changes: Item, *, expected: Item | None = None) -> bool:
        self.seen["written"] += 1
        return super().update(pk, sk, changes, expected=expected)

    def put(self, item: Item, *, absent: bool = False) -> bool:
        self.seen["written"] += 1
        return super().put(item, absent=absent)


def after(uploads: int) -> tuple[Stations, CountedItems, Run]:
    """A model with so many uploads behind it, each a superseded run, and one run under way."""
    clock = Clock()
    items = CountedItems()
    stations = Stations(clock, items)
    run = stations.a_run()
    for number in range(uploads):
        old = Run(
            "digits", f"digits-{number:012d}", f"{number:064d}", f"s3://data/digits/train/{number}.csv", "x/"
        )
        stations.ledger.remember_run(
            old, Outcome(RunState.SUPERSEDED, "older"), clock() - 1000, "2026-11-29", {}
        )
        stations.ledger.record_upload(
            "digits", f"{old.source}#1", old.source, RunState.SUPERSEDED, "older", old.run_id
        )
    stations.sweep.sweep()
    items.seen.clear()
    return stations, items, run


def settled(uploads: int) -> Counter[str]:
    stations, items, run = after(uploads)
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "REJECTED"))
    return items.seen


def swept(uploads: int) -> Counter[str]:
    stations, items, _ = after(uploads)
    stations.sweep.sweep()
    return items.seen


def admitted(uploads: int) -> Counter[str]:
    stations, items, _ = after(uploads)
    stations.drop("digits/train/new.csv", "a,b,y\n" + "".join(f"7.{i},{i},{i % 2}\n" for i in range(40)))
    return items.seen


@pytest.mark.parametrize("work", [settled, swept, admitted], ids=lambda work: work.__name__)
def test_work_on_the_ledger_does_not_grow_with_the_past_of_a_model(work) -> None:  # type: ignore[no-untyped-def]
    few, many = work(FEW), work(MANY)
    assert few["read"] > 0
    assert many["read"] <= AT_MOST * few["read"]
    assert many["written"] <= AT_MOST * few["written"]


def test_what_was_written_when_there_was_no_index_is_found_by_the_next_sweep() -> None:
    stations = Stations()
    run = stations.a_run()
    indexes = ("OPEN#", "BEGUN", "ENDED", "REBUILT")
    for pk, sk in list(stations.items.rows):
        if pk.startswith("UPLOADS#") or sk.startswith(indexes):
            stations.items.delete(pk, sk)
    stations.executions.succeeds(run.run_id, "REJECTED", "worse")
    stations.sweep.sweep()
    assert [(u["state"], u["reason"]) for u in stations.uploads()] == [("REJECTED", "worse")]
    assert stations.sweep.sweep() == []

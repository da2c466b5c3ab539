"""A flood of drops through the real admission, queue of runs, settling and sweep, over fakes that count."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice, takewhile
from typing import Any

from switchyard.core.ports import Change, Item, Storage, StoredObject
from switchyard.core.run import RunState
from tests.fakes.stations import Stations, csv_of
from tests.fakes.store import Clock, MemoryItems, MemoryStorage

MODEL, BYTES = "digits", "bytes"
# How many drops go by while a run is under way: it ends at once, it takes a while, it outlasts them all.
ENDINGS: dict[str, int | None] = {
    "runs that end at once": 0,
    "runs of 50 drops": 50,
    "a run that goes on": None,
}


@dataclass(frozen=True)
class Figure:
    """runs: executions that started; calls: the most that the admission of one drop asked of S3 and DynamoDB."""

    ending: str
    drops: int
    days: int
    runs: int
    calls: dict[str, int]
    read: int
    uploads: dict[str, int]
    is_newest_trained: bool

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class Sorted:
    """Keys in their order, so that those with one beginning are found without a look at the others."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._known: set[str] = set()

    def add(self, key: str) -> None:
        if key not in self._known:
            self._known.add(key)
            insort(self._keys, key)

    def remove(self, key: str) -> None:
        if key in self._known:
            self._known.remove(key)
            del self._keys[bisect_left(self._keys, key)]

    def beginning(self, prefix: str) -> list[str]:
        first = bisect_left(self._keys, prefix)
        return list(takewhile(lambda key: key.startswith(prefix), islice(self._keys, first, None)))


class CountedItems(MemoryItems):
    """A table that counts what it is asked."""

    def __init__(self, asked: Counter[str]) -> None:
        super().__init__()
        self._asked = asked
        self._partitions: defaultdict[str, Sorted] = defaultdict(Sorted)

    def get(self, pk: str, sk: str) -> Item | None:
        self._asked["reads of the ledger"] += 1
        return super().get(pk, sk)

    def write(self, changes: Sequence[Change]) -> bool:
        if len(changes) > 1:
            # "DynamoDB performs two underlying reads or writes of every item in the transaction"
            self._asked["writes to the ledger"] += len(changes)
        return super().write(changes)

    def query(self, pk: str, prefix: str = "") -> list[Item]:
        found = [dict(self.rows[(pk, sk)]) for sk in self._partitions[pk].beginning(prefix)]
        self._asked["reads of the ledger"] += max(1, len(found))
        return found

    def put(self, item: Item, *, absent: bool = False) -> bool:
        self._asked["writes to the ledger"] += 1
        self._partitions[str(item["pk"])].add(str(item["sk"]))
        return super().put(item, absent=absent)

    def update(self, pk: str, sk: str, changes: Item, *, expected: Item | None = None) -> bool:
        self._asked["writes to the ledger"] += 1
        is_done = super().update(pk, sk, changes, expected=expected)
        if is_done:
            self._partitions[pk].add(sk)
        return is_done

    def delete(self, pk: str, sk: str, *, expected: Item | None = None) -> bool:
        self._asked["writes to the ledger"] += 1
        is_done = super().delete(pk, sk, expected=expected)
        if is_done:
            self._partitions[pk].remove(sk)
        return is_done


class CountedStorage(MemoryStorage):
    """A bucket that counts what it is asked."""

    def __init__(self, name: str, clock: Clock, asked: Counter[str]) -> None:
        super().__init__(name, clock)
        self._asked = asked
        self._sorted = Sorted()

    def list(self, prefix: str) -> list[StoredObject]:
        found = [self._stored(key) for key in self._sorted.beginning(prefix)]
        self._asked["S3 lists"] += 1 + len(found) // 1000
        return found

    def _body(self, key: str, etag: str = "") -> bytes:
        body = super()._body(key, etag)
        self._asked["S3 reads"] += 1
        self._asked[BYTES] += len(body)
        return body

    def write(self, key: str, body: bytes, *, absent: bool = False) -> bool:
        self._asked["S3 writes"] += 1
        self._sorted.add(key)
        return super().write(key, body, absent=absent)

    def copy_from(self, source: Storage, item: StoredObject, key: str) -> None:
        self._asked["S3 writes"] += 1
        self._sorted.add(key)
        super().copy_from(source, item, key)


class Flood(Stations):
    """Stations over fakes that count."""

    def __init__(self, asked: Counter[str]) -> None:
        self.asked = asked
        super().__init__(Clock(), CountedItems(asked))

    def storage(self, name: str) -> MemoryStorage:
        return CountedStorage(name, self.clock, self.asked)


def flooded(drops: int, ending: str) -> Figure:
    asked: Counter[str] = Counter()
    stations, most = Flood(asked), Counter[str]()
    stations.has_pipeline(MODEL)
    since, began = 0, stations.clock()
    for number in range(drops):
        key = stations.upload(f"{MODEL}/train/v{number}.csv", csv_of(number))
        asked.clear()
        stations.admission.admit(key)
        most |= asked  # of each the larger
        since += 1
        if ENDINGS[ending] is not None and since > ENDINGS[ending]:
            since = 0
            end(stations)
    days = int(stations.clock() // 86_400 - began // 86_400) + 1
    runs = len(stations.executions.inputs)
    read = most.pop(BYTES)
    calm_down(stations)
    return Figure(
        ending, drops, days, runs, dict(most), read, of_uploads(stations), is_newest_trained(stations)
    )


def end(stations: Stations) -> None:
    """Whatever is under way comes to a verdict."""
    for run_id in list(stations.executions.running):
        run = stations.ledger.run(MODEL, run_id)
        stations.settle_run.ended(run, stations.executions.succeeds(run_id, "REJECTED"))


def calm_down(stations: Stations) -> None:
    """No drop comes any more: days go by, and the sweep."""
    for _ in range(4):
        end(stations)
        stations.clock.pass_(86_400)
        stations.sweep.sweep()


def of_uploads(stations: Stations) -> dict[str, int]:
    return dict(Counter(str(item["state"]) for item in stations.ledger.uploads(MODEL)))


def is_newest_trained(stations: Stations) -> bool:
    uploads = stations.ledger.uploads(MODEL)
    newest = max(uploads, key=lambda item: int(str(item["source"]).rpartition("/v")[2].removesuffix(".csv")))
    return (
        RunState(str(newest["state"])) is RunState.REJECTED
        and str(newest["run_id"]) in stations.executions.inputs
    )

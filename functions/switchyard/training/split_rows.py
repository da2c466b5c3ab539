"""Each row of a run to its channel or to the holdout, by its own hash."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from switchyard.core.data.contract import Contract
from switchyard.core.data.packed.packed_rows import PackedRows, beginning_of
from switchyard.training.channels import CHOSEN, Channels, Counts, places_of
from switchyard.training.located_rows import Batch, fields_of
from switchyard.training.rules.distribution import Sample
from switchyard.training.rules.split import SMALLEST_CHUNK, are_first

Holds = Callable[[PackedRows], list[bool]]  # is each held out?


@dataclass
class Held:
    """The holdout's rows by their identities, and the byte where every 250th begins."""

    identities: set[bytes] = field(default_factory=set)
    beginnings: set[int] = field(default_factory=set)
    rows: int = 0
    offsets: list[int] = field(default_factory=list)

    def add(self, identity: bytes, at: int) -> None:
        if self.rows % SMALLEST_CHUNK == 0:
            self.offsets.append(at)
        self.rows += 1
        self.identities.add(identity)
        self.beginnings.add(beginning_of(identity))

    def holds(self, rows: PackedRows) -> list[bool]:
        found = list(map(self.beginnings.__contains__, rows.beginnings))
        for at in places_of(bytes(found)):  # few
            found[at] = rows.digest(at) in self.identities
        return found


@dataclass
class SplitRows:
    """Writes rows to `channels`, counts them, and takes a sample of those that are trained on. held: of a holdout that
    is taken from these rows, as far as it was written.
    """

    contract: Contract
    holds: Holds
    validation_percent: int
    channels: Channels
    counts: Counts = field(default_factory=Counts)
    held: Held = field(default_factory=Held)

    def __post_init__(self) -> None:
        self.sample = Sample(self.contract, read=self._read)

    def add(self, batches: Iterable[Batch]) -> None:
        for batch in batches:
            self._add(batch)

    def _add(self, batch: Batch) -> None:
        rows = batch.rows
        held = bytes(self.holds(rows))
        for at in places_of(held):
            self._hold(batch, at)
        validates = bytes(in_validation(rows, self.validation_percent))
        trains = _neither(held, validates)
        self._write("train", rows, trains)
        self._write("validation", rows, _neither(held, trains))
        self.sample.add_all(rows, trains, lambda at: (rows.codes[at], rows.lines.at(at)))

    def _hold(self, batch: Batch, at: int) -> None:
        self.counts.hold(batch.file, batch.first + at)
        line = batch.rows.lines.at(at)
        begins = self.channels.hold(self._target(batch.rows.codes[at], line), line[line.index(b",") :])
        if begins is not None:
            self.held.add(batch.rows.digest(at), begins)

    def _target(self, code: int, line: bytes) -> str:
        return target_of(self.contract, code, line)

    def _write(self, where: str, rows: PackedRows, chosen: bytes) -> None:
        self.counts.rows[where] += chosen.count(CHOSEN)
        self.channels.write(where, rows, chosen)

    def _read(self, row: tuple[int, bytes]) -> list[str]:
        """The target, then the features."""
        code, line = row
        return [self._target(code, line), *fields_of(line)[2 if self.contract.weight else 1 :]]


def _neither(first: bytes, second: bytes) -> bytes:
    """Of marks, 1 or 0 a row, those that neither has."""
    either = int.from_bytes(first) | int.from_bytes(second)
    return (either ^ int.from_bytes(b"\1" * len(first))).to_bytes(len(first))


def target_of(contract: Contract, code: int, line: bytes) -> str:
    """As people write it."""
    return contract.classes[code] if contract.classes else line[: line.index(b",")].decode()


def in_validation(rows: PackedRows, percent: int) -> list[bool]:
    """Of rows that are not held out."""
    # Another word than that which chose the holdout, which has all rows that begin as a validation row would.
    return are_first(rows.digests, percent, 1)

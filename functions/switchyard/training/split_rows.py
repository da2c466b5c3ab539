"""Each row of a run to its channel or to the holdout, by its own hash."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import compress, count
from operator import add

from switchyard.core.data.contract import Contract
from switchyard.training.channels import Channels, Counts
from switchyard.training.located_rows import Batch, fields_of
from switchyard.training.rules.distribution import Sample
from switchyard.training.rules.split import DIGITS, SMALLEST_CHUNK, are_first

Holds = Callable[[Sequence[str], Sequence[float]], list[bool]]  # by identities and labels: is each held out?


@dataclass
class Held:
    """The holdout's rows by their identities, and the byte where every 250th begins."""

    identities: set[str] = field(default_factory=set)
    rows: int = 0
    offsets: list[int] = field(default_factory=list)

    def add(self, identity: str, at: int) -> None:
        if self.rows % SMALLEST_CHUNK == 0:
            self.offsets.append(at)
        self.rows += 1
        self.identities.add(identity)

    def holds(self, identities: Sequence[str], _labels: Sequence[float]) -> list[bool]:
        return [identity in self.identities for identity in identities]


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
        self.sample = Sample(self.contract, read=partial(_fields_of, 1 if self.contract.weight else 0))
        self._labels = [str(index).encode() for index in range(len(self.contract.classes))]

    def add(self, batches: Iterable[Batch]) -> None:
        for batch in batches:
            self._add(batch)

    def _add(self, batch: Batch) -> None:
        features = batch.features.each()
        held = self.holds(batch.identities, batch.labels)
        for at in compress(count(), held):
            self._hold(batch, at, features[at])
        validates = in_validation(batch.identities, self.validation_percent)
        own = (
            [self._labels[int(label)] for label in batch.labels] if self._labels else _encoded(batch.targets)
        )
        lines = list(map(add, own, features))
        trains = [not (h or v) for h, v in zip(held, validates, strict=True)]
        self._write("train", batch, lines, trains)
        self._write("validation", batch, lines, [v and not h for h, v in zip(held, validates, strict=True)])
        for at in self.sample.may_take(batch.identities):
            if trains[at]:
                self.sample.add(batch.identities[at], (batch.targets[at], features[at]))

    def _hold(self, batch: Batch, at: int, features: bytes) -> None:
        self.counts.hold(batch.file, batch.first + at)
        begins = self.channels.hold(batch.targets[at], features)
        if begins is not None:
            self.held.add(batch.identities[at], begins)

    def _write(self, where: str, batch: Batch, lines: Sequence[bytes], chosen: Sequence[bool]) -> None:
        own = list(compress(lines, chosen))
        self.counts.rows[where] += len(own)
        if own:
            self.channels.write(where, list(compress(batch.identities, chosen)), own)


def _encoded(targets: Sequence[str]) -> list[bytes]:
    return [target.encode() for target in targets]


def in_validation(identities: Sequence[str], percent: int) -> list[bool]:
    """Of rows that are not held out."""
    # Other digits than those that chose the holdout, which has all rows that begin as a validation row would.
    return are_first(identities, percent, DIGITS)


def channel_of(identity: str, percent: int) -> str:
    """The same of one row."""
    return "validation" if in_validation([identity], percent)[0] else "train"


def _fields_of(before: int, row: tuple[str, bytes]) -> list[str]:
    """before: columns between target and features."""
    target, features = row
    return [target, *fields_of(features)[before:]]

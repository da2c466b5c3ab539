"""Each row of a run to its channel or to the holdout, by its own hash."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from switchyard.core.data.contract import Contract
from switchyard.training.channels import Channels, Counts
from switchyard.training.located_rows import Batch, fields_of
from switchyard.training.rules.distribution import Sample
from switchyard.training.rules.split import SMALLEST_CHUNK, Part, part_of

Holds = Callable[[str, float], bool]  # is the row of this identity and label in the holdout?


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

    def holds(self, identity: str, _label: float) -> bool:
        return identity in self.identities


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
        self.sample = Sample(self.contract)
        self._labels = [str(index).encode() for index in range(len(self.contract.classes))]

    def add(self, batches: Iterable[Batch]) -> None:
        for batch in batches:
            self._add(batch)

    def _add(self, batch: Batch) -> None:
        holds, percent, wants, labels = self.holds, self.validation_percent, self.sample.wants, self._labels
        train: list[tuple[str, bytes]] = []
        validation: list[tuple[str, bytes]] = []
        for at, (identity, label, target, features) in enumerate(zip(*batch[2:], strict=True)):
            if holds(identity, label):
                self._hold(batch, at)
                continue
            line = identity, (labels[int(label)] if labels else target.encode()) + features
            if percent and channel_of(identity, percent) == "validation":
                validation.append(line)
                continue
            train.append(line)
            if wants(identity):
                self.sample.add(identity, [target, *fields_of(features)])
        self._write("train", train)
        self._write("validation", validation)

    def _hold(self, batch: Batch, at: int) -> None:
        self.counts.hold(batch.file, batch.first + at)
        begins = self.channels.hold(batch.targets[at], batch.features[at])
        if begins is not None:
            self.held.add(batch.identities[at], begins)

    def _write(self, where: str, lines: list[tuple[str, bytes]]) -> None:
        self.counts.rows[where] += len(lines)
        self.channels.write(where, lines)


def channel_of(identity: str, percent: int) -> str:
    """Of a row that is not held out."""
    # Other digits than those that chose the holdout, which has all rows that begin as a validation row would.
    return "validation" if part_of(identity[8:], percent) is Part.FIRST else "train"

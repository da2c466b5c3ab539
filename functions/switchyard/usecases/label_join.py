"""The join of labels with captured predictions: by hash into files on disk, then file by file, in bounded memory."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from switchyard.domain.captured import Captured
from switchyard.domain.labelled import Label, loss
from switchyard.domain.maturity import Served

PARTS = 64  # a part of a million requests and their labels is 16,000 of each: a few MB


@dataclass(frozen=True, slots=True)
class Prediction:
    """A captured request that labels are looked for; `decided` is what the model said."""

    captured: Captured
    challenger: bool
    stage: int
    decided: float


@dataclass(frozen=True, slots=True)
class Arrived:
    """A label, and when the file that brought it arrived, in seconds since the epoch."""

    label: Label
    at: float


@dataclass(frozen=True)
class Join:
    """age: how old, in seconds, a request may be when its label comes. off_by: domain.labelled.loss."""

    age: float
    off_by: float | None = None
    parts: int = PARTS

    def served(self, predictions: Iterable[Prediction], labels: Iterable[Arrived]) -> Iterator[Served]:
        """Every prediction once, with the last label that came in time.

        `labels` in the order of their arrival. The last one stands: whoever labels again corrects. An id that was sent
        with several requests is the first request's.
        """
        with tempfile.TemporaryDirectory() as folder:
            asked, told = Path(folder, "predictions"), Path(folder, "labels")
            self._spread(asked, ((each.captured.identity, _asked(each)) for each in predictions))
            self._spread(told, ((each.label.identity, _told(each)) for each in labels))
            for part in range(self.parts):
                yield from self._part(_read(asked, part), _read(told, part))

    def _spread(self, folder: Path, lines: Iterable[tuple[str, str]]) -> None:
        folder.mkdir()
        with ExitStack() as stack:
            files = [
                stack.enter_context((folder / str(part)).open("w", encoding="utf-8"))
                for part in range(self.parts)
            ]
            writers = [file.write for file in files]
            for identity, line in lines:
                writers[crc32(identity.encode()) % self.parts](f"{identity}\t{line}\n")

    def _part(self, predictions: Iterable[list[str]], labels: Iterable[list[str]]) -> Iterator[Served]:
        asked: dict[str, tuple[float, bool, int, float]] = {}
        for identity, moment, challenger, stage, said in predictions:
            asked.setdefault(identity, (float(moment), challenger == "1", int(stage), float(said)))
        last: dict[str, tuple[float, float]] = {}
        for identity, arrived, value in labels:
            if identity in asked and float(arrived) <= asked[identity][0] + self.age:
                last[identity] = (float(arrived), float(value))
        for identity, (at, is_challenger, step, decided) in asked.items():
            if identity in last:
                labelled_at, label = last[identity]
                yield Served(at, is_challenger, step, loss(decided, label, self.off_by), labelled_at)
            else:
                yield Served(at, is_challenger, step)


def _asked(each: Prediction) -> str:
    return f"{each.captured.at}\t{int(each.challenger)}\t{each.stage}\t{each.decided}"


def _told(each: Arrived) -> str:
    return f"{each.at}\t{each.label.value}"


def _read(folder: Path, part: int) -> Iterator[list[str]]:
    with (folder / str(part)).open(encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n").split("\t")

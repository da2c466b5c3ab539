"""The join of labels with predictions: by hash into files on disk, then file by file, in bounded memory."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from switchyard.core.data.classes import Classes
from switchyard.core.ports import Storage
from switchyard.core.resources.captured import Captured
from switchyard.labels.rules.label_file import is_label_file, read_labels
from switchyard.labels.rules.label_line import Label, loss, truth_of
from switchyard.labels.rules.maturity import Served

PARTS = 64  # a part of a million requests and their labels is 16,000 of each: a few MB


@dataclass(frozen=True, slots=True)
class Prediction:
    """A captured request that labels are looked for; `decided` is what the model said."""

    captured: Captured
    challenger: bool
    stage: int
    decided: float


@dataclass(frozen=True, slots=True)
class Pair:
    """A row that both models answered: what each said, and when both had, in seconds since the epoch."""

    identity: str
    at: float
    champion: float
    challenger: float


@dataclass(frozen=True, slots=True)
class Arrived:
    """A label as a number, and when the file that brought it arrived, in seconds since the epoch."""

    identity: str
    truth: float
    at: float


@dataclass(frozen=True)
class Join:
    """age: how old, in seconds, a request may be when its label comes. off_by: labels.rules.label_line.loss."""

    age: float
    off_by: float | None = None
    parts: int = PARTS

    def served(self, predictions: Iterable[Prediction], labels: Iterable[Arrived]) -> Iterator[Served]:
        """Every prediction once, with the last label that came in time.

        `labels` in the order of their arrival. The last one stands: whoever labels again corrects. An id that was sent
        with several requests is the first request's.
        """
        lines = ((each.captured.identity, _asked(each)) for each in predictions)
        for at, (challenger, stage, said), label in self._joined(lines, labels):
            arm, step = challenger == "1", int(stage)
            if label is None:
                yield Served(at, arm, step)
            else:
                yield Served(at, arm, step, loss(float(said), label[1], self.off_by), label[0])

    def pairs(self, rows: Iterable[Pair], labels: Iterable[Arrived]) -> Iterator[tuple[float, float] | None]:
        """Losses (champion, challenger) of every row once, None without a label in time; labels as in `served`."""
        lines = ((row.identity, f"{row.at}\t{row.champion}\t{row.challenger}") for row in rows)
        for _, said, label in self._joined(lines, labels):
            if label is None:
                yield None
            else:
                champion, challenger = (loss(float(each), label[1], self.off_by) for each in said)
                yield champion, challenger

    def _joined(
        self, asked: Iterable[tuple[str, str]], labels: Iterable[Arrived]
    ) -> Iterator[tuple[float, list[str], tuple[float, float] | None]]:
        """asked: (id, tab-separated fields, the moment first). Answers moment, other fields, and (when, label)."""
        with tempfile.TemporaryDirectory() as folder:
            questions, told = Path(folder, "predictions"), Path(folder, "labels")
            self._spread(questions, asked)
            self._spread(told, ((each.identity, _told(each)) for each in labels))
            for part in range(self.parts):
                yield from self._part(_read(questions, part), _read(told, part))

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

    def _part(
        self, questions: Iterable[list[str]], labels: Iterable[list[str]]
    ) -> Iterator[tuple[float, list[str], tuple[float, float] | None]]:
        asked: dict[str, tuple[float, list[str]]] = {}
        for identity, moment, *said in questions:
            asked.setdefault(identity, (float(moment), said))
        last: dict[str, tuple[float, float]] = {}
        for identity, arrived, value in labels:
            if identity in asked and float(arrived) <= asked[identity][0] + self.age:
                last[identity] = (float(arrived), float(value))
        for identity, (at, said) in asked.items():
            yield at, said, last.get(identity)


def arrived(
    data: Storage, model: str, start: float, end: float, classes: Sequence[str] = ()
) -> Iterator[Arrived]:
    """The labels of files that came in [start, end], in the order of their arrival; what is no label, or no class of
    the model, was told of when its file arrived.
    """
    book = Classes(tuple(classes))
    files = [item for item in data.list(f"{model}/labels/") if is_label_file(item.key)]
    in_time = [item for item in files if start <= item.modified_at <= end]
    for item in sorted(in_time, key=lambda each: (each.modified_at, each.key)):
        for _, label in read_labels(data.chunks(item.key)):
            truth = truth_of(label, book) if isinstance(label, Label) else None
            if isinstance(label, Label) and truth is not None:
                yield Arrived(label.identity, truth, item.modified_at)


def _asked(each: Prediction) -> str:
    return f"{each.captured.at}\t{int(each.challenger)}\t{each.stage}\t{each.decided}"


def _told(each: Arrived) -> str:
    return f"{each.at}\t{each.truth}"


def _read(folder: Path, part: int) -> Iterator[list[str]]:
    with (folder / str(part)).open(encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n").split("\t")

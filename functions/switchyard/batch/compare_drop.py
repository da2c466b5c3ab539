"""Both models' predictions of a batch drop, row by row, with what was true."""

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count

from switchyard.batch.transform_drop import drop_block
from switchyard.config.snapshot import Snapshots
from switchyard.core.batch_drop import Batch, BatchFile
from switchyard.core.evidence import Block
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.metrics import LABEL_ERROR, missing_metric
from switchyard.core.policy import Problem
from switchyard.core.ports import Storage
from switchyard.core.resources.answers import Reader, reader_of
from switchyard.core.resources.captured import decided
from switchyard.core.resources.predictions import parse
from switchyard.labels.join import Join, Pair, arrived


@dataclass
class _Counts:
    rows: int = 0
    labelled: int = 0
    champion: float = 0.0
    challenger: float = 0.0
    both: float = 0.0

    def add(self, losses: tuple[float, float] | None) -> None:
        self.rows += 1
        if losses is not None:
            self.labelled += 1
            self.champion += losses[0]
            self.challenger += losses[1]
            self.both += losses[0] * losses[1]

    def blocks(self, name: str) -> list[Block]:
        n, missing = self.labelled, float(self.rows - self.labelled)
        right = Block(LABEL_ERROR, name, 0, n, self.champion, n, self.challenger, both=self.both)
        absent = Block(
            missing_metric(LABEL_ERROR), name, 0, self.rows, missing, self.rows, missing, both=missing
        )
        return [right, absent]


@dataclass(frozen=True)
class CompareDrop:
    """What ScoreLabels does for a batch model in rollout: a compared drop is old enough, and joined with its labels."""

    ledger: Ledger
    data: Storage
    artifacts: Storage
    snapshots: Snapshots

    def join(self, model: str, run_id: str, drop: str) -> int:
        """Writes the drop's blocks into the rollout's evidence; answers how many there are."""
        run = self.ledger.run(model, run_id)
        pipeline, item = self.snapshots.pipeline(run), self.ledger.drop(run_id, drop)
        metric = pipeline.rollout.metrics.get(LABEL_ERROR)
        if item is None or metric is None:
            return 0
        batch, at = Batch.from_dict(json.loads(str(item["batch"]))), float(item["at"])
        known = self.ledger.batch_item(model, drop) or {}
        since = float(known.get("arrived_at", at))
        classes = self.snapshots.classes(run)
        labels = arrived(self.data, model, since, at + metric.maturity_seconds, classes)
        counts = _Counts()
        for losses in Join(metric.maturity_seconds, metric.off_by).pairs(
            self._pairs(batch, at, pipeline.problem, reader_of(pipeline.response, classes)), labels
        ):
            counts.add(losses)
        blocks = counts.blocks(drop_block(at, batch))
        self.ledger.save_blocks(run_id, blocks)
        self.ledger.mark_joined(run_id, item)
        return len(blocks)

    def _pairs(self, batch: Batch, at: float, problem: Problem, reader: Reader) -> Iterator[Pair]:
        """The rows of the files that both models scored."""
        files = json.loads(self.artifacts.read(f"{batch.folder}manifest.json"))["files"]
        is_classes = problem is not Problem.REGRESSION
        for file in (BatchFile.from_dict(each) for each in files):
            apart = f"{batch.apart}predictions/{file.name}.out"
            if not file.prediction or file.uncompared or not self.artifacts.exists(apart):
                continue
            own = f"{batch.folder}predictions/{file.name}.out"
            champion = self._answers(own, file.rows, is_classes, reader)
            challenger = self._answers(apart, file.rows, is_classes, reader)
            for identity, old, new in zip(self._ids(batch, file), champion, challenger, strict=False):
                yield Pair(identity, at, old, new)

    def _answers(self, key: str, rows: int, is_classes: bool, reader: Reader) -> Iterator[float]:
        """What a model decided of each row that was asked; infinite, and so wrong, where it gave no number."""
        if reader.is_stated:
            found = iter(_decided_at_once(self.artifacts.read(key).decode(), rows, is_classes, reader))
            return self._of_every_row(found, rows)
        lines = (line for line in self.artifacts.lines(key) if line.strip())
        first, second = next(lines, ""), next(lines, "")
        if second or rows == 1:
            found = (_decided(line, is_classes) for line in chain([first, second], lines) if line)
        else:  # all rows on one line
            found = iter(_decided_at_once(first, rows, is_classes, reader))
        return self._of_every_row(found, rows)

    def _of_every_row(self, found: Iterator[float], rows: int) -> Iterator[float]:
        missing = (math.inf for _ in count())
        return (answer for answer, _ in zip(chain(found, missing), range(rows), strict=False))

    def _ids(self, batch: Batch, file: BatchFile) -> Iterator[str]:
        key = f"{batch.apart}ids/{file.name}"
        if not self.artifacts.exists(key):
            yield from (batch.row_id(file.name, row) for row in range(1, file.rows + 1))
            return
        for row, fields in enumerate(csv.reader(self.artifacts.lines(key)), start=1):
            named = fields[0] if fields else ""
            yield named if named.isprintable() and named else f"#{row}"  # nameless: no label can be for it


def _decided_at_once(text: str, rows: int, is_classes: bool, reader: Reader) -> list[float]:
    try:
        return [decided(answer, is_classes) for answer in reader.read(text, rows)]
    except (ValueError, TypeError, IndexError):
        return []


def _decided(line: str, is_classes: bool) -> float:
    try:
        [answer] = parse(line, 1)
        return decided(answer, is_classes)
    except (ValueError, TypeError, IndexError):
        return math.inf

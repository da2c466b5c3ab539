"""From a snapshot to what a training job reads: label first, no header, and never a row of the holdout."""

import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from switchyard.config.snapshot import (
    Schema,
    Snapshots,
    baseline_key,
    clean_prefix,
    distribution_key,
    holdout_key,
    select,
)
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Storage
from switchyard.core.run import Run
from switchyard.intake.rules.dataset import row_hash
from switchyard.intake.rules.inspection import Inspection
from switchyard.training.rules.distribution import Sample
from switchyard.training.rules.split import SMALLEST_CHUNK, Part, holdout_chunks, is_distributed, part_of

HOLDOUT_PERCENT = 20
HOLDOUT_ROWS = 20_000  # at most, when it is taken from the first dataset


@dataclass
class Counts:
    """Where the rows went; the first that was left out because it is in the holdout, as a person finds it."""

    rows: dict[str, int] = field(default_factory=lambda: {"train": 0, "validation": 0, "held_out": 0})
    first_left_out: str = ""

    def add(self, where: str, file: str, row: int) -> None:
        self.rows[where] += 1
        if where == "held_out" and not self.first_left_out:
            self.first_left_out = f"{file}: row {row}"


@dataclass
class Held:
    """The holdout's rows by their hashes, and the byte where every 250th begins."""

    hashes: set[str] = field(default_factory=set)
    rows: int = 0
    offsets: list[int] = field(default_factory=list)

    def add(self, digest: str, at: int) -> None:
        if self.rows % SMALLEST_CHUNK == 0:
            self.offsets.append(at)
        self.rows += 1
        self.hashes.add(digest)


@dataclass(frozen=True)
class PrepareDataset:
    """Splits one snapshot; the same snapshot gives the same files."""

    artifacts: Storage
    snapshots: Snapshots

    def prepare(self, run: Run) -> dict[str, Any]:
        """Writes train/ and validation/, freezes holdout and baseline if there are none; answers references."""
        pipeline = self.snapshots.pipeline(run)
        files = self.snapshots.data_files(run, pipeline)
        if pipeline.prepare is not None:
            self._inspect(run, pipeline, files)
        columns = next(self.snapshots.rows(files[0]))
        schema = self._schema(run, pipeline, columns, files[0])
        if not self.artifacts.exists(holdout_key(run.model)):
            self._freeze_holdout(run, columns, files)
        held = self._holdout(run, schema, pipeline.scoring.slices)
        prefix = f"{run.model}/prepared/{run.run_id}/"
        counts = self._split(run, pipeline, schema, held.hashes, files)
        content: dict[str, Any] = {"features": schema.features, "target": schema.target}
        self.artifacts.write(baseline_key(run.model), json.dumps(content).encode(), absent=True)
        content |= {"rows": counts.rows, "first_left_out": counts.first_left_out}
        self.artifacts.write(f"{prefix}schema.json", json.dumps(content).encode())
        channels = [name for name in ("train", "validation") if counts.rows[name]]
        return {
            "schema": f"{prefix}schema.json",
            "chunks": self._chunks(run, pipeline, held),
            "channels": channels,
        }

    def _chunks(self, run: Run, pipeline: Pipeline, held: Held) -> dict[str, Any]:
        """Few chunks travel with the execution, many are read by a Distributed Map from a file."""
        distributed = is_distributed(held.rows, pipeline.scoring.map)
        items = holdout_chunks(held.rows, held.offsets, distributed=distributed)
        if not distributed:
            return {"map": "inline", "items": items, "key": ""}
        key = f"{run.model}/prepared/{run.run_id}/chunks.json"
        self.artifacts.write(key, json.dumps(items).encode())
        return {"map": "distributed", "items": [], "key": key}

    def _inspect(self, run: Run, pipeline: Pipeline, files: list[str]) -> None:
        """What a preparation made has to pass the same door as a table that was dropped."""
        if not files:
            raise InvalidDatasetError(
                f"{self.artifacts.uri(clean_prefix(run))}: the preparation wrote no .csv file with rows; "
                f"write one, with a header, to its output folder"
            )
        baseline = self.snapshots.baseline(run.model)
        inspection = Inspection(pipeline.target, pipeline.may_copy_target, baseline)
        for key in files:
            inspection.read(_name(key), self.artifacts.lines(key))
        inspection.finish()
        inspection.labels.check(pipeline.problem)

    def _schema(self, run: Run, pipeline: Pipeline, columns: list[str], file: str) -> Schema:
        """Features in the baseline's order, whatever the dataset's: endpoints are asked by position."""
        names = [column.strip() for column in columns]
        baseline = self.snapshots.baseline(run.model)
        if baseline is None:
            return Schema(tuple(c for c in names if c != pipeline.target), pipeline.target)
        baseline.check(_name(file), names, pipeline.target)
        return Schema(baseline.features, pipeline.target)

    def _freeze_holdout(self, run: Run, columns: list[str], files: list[str]) -> None:
        """A fifth of the first dataset, chosen by the rows' own hashes; written once and never again."""
        with tempfile.TemporaryFile("w+", newline="") as file:
            writer, kept = csv.writer(file, lineterminator="\n"), 0
            writer.writerow(columns)
            for row in (row for key in files for row in self._body(key)):
                if kept < HOLDOUT_ROWS and part_of(row_hash(row), HOLDOUT_PERCENT) is Part.FIRST:
                    writer.writerow(row)
                    kept += 1
            file.seek(0)
            self.artifacts.write(holdout_key(run.model), file.read().encode(), absent=True)

    def _body(self, key: str) -> Iterator[list[str]]:
        rows = self.snapshots.rows(key)
        next(rows)
        return rows

    def _holdout(self, run: Run, schema: Schema, slices: Sequence[str]) -> Held:
        """Hashes of the holdout's rows in this schema's column order."""
        rows = self.snapshots.located_rows(holdout_key(run.model))
        at, header = next(rows, (0, []))
        wanted = (*schema.features, schema.target)
        missing = [name for name in wanted if name not in header]
        if missing:
            raise InvalidDatasetError(
                f"{holdout_key(run.model)} lacks {len(missing)} columns of this dataset, the first is '{missing[0]}'; "
                f"drop a dataset with the holdout's columns, or replace the holdout"
            )
        unknown = [name for name in slices if name not in header]
        if unknown:
            raise InvalidDatasetError(
                f"evaluation.slices: {holdout_key(run.model)} has no column '{unknown[0]}'; its columns begin with "
                f"{', '.join(header[:10])}"
            )
        positions = [header.index(name) for name in wanted]
        held = Held()
        for end, row in rows:
            held.add(row_hash(select(row, positions)), at)
            at = end
        return held

    def _split(
        self, run: Run, pipeline: Pipeline, schema: Schema, held: set[str], files: list[str]
    ) -> Counts:
        counts, sample = Counts(), Sample(schema.features)
        prefix = f"{run.model}/prepared/{run.run_id}/"
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            parts = _Parts(stack, Path(folder), _shards(pipeline))
            for file, number, row in self._labelled(schema, files):
                digest = row_hash([*row[1:], row[0]])
                where = _where(digest, held, pipeline.validation_percent)
                counts.add(where, file, number)
                parts.write(where, digest, row)
                if where == "train":
                    sample.add(digest, row[1:])
            for name, path in parts.written():
                self.artifacts.upload(f"{prefix}{name}", path)
        spread = json.dumps(sample.baseline().to_dict()).encode()
        self.artifacts.write(distribution_key(run.model, run.run_id), spread)
        if not counts.rows["train"]:
            raise InvalidDatasetError(f"{run.source}: every row is in the holdout, none is left to train on")
        return counts

    def _labelled(self, schema: Schema, files: list[str]) -> Iterator[tuple[str, int, list[str]]]:
        """File, row and fields as the built-in algorithms want them: the label first."""
        for key in files:
            rows = self.snapshots.rows(key)
            header = [column.strip() for column in next(rows)]
            positions = [header.index(name) for name in (schema.target, *schema.features)]
            for number, row in enumerate(rows, start=2):
                yield _name(key), number, select(row, positions)


class _Parts:
    """The channels' files: `train` in as many parts as instances share it, `validation` in one."""

    def __init__(self, stack: ExitStack, folder: Path, shards: int) -> None:
        names = [*(f"train/part-{number}.csv" for number in range(shards)), "validation/part-0.csv"]
        self._shards = shards
        self._files: dict[str, IO[str]] = {
            name: stack.enter_context((folder / name.replace("/", "-")).open("w", newline=""))
            for name in names
        }
        self._writers = {name: csv.writer(file, lineterminator="\n") for name, file in self._files.items()}

    def write(self, where: str, digest: str, row: list[str]) -> None:
        if where == "held_out":
            return
        number = int(digest[16:24], 16) % self._shards if where == "train" else 0
        self._writers[f"{where}/part-{number}.csv"].writerow(row)

    def written(self) -> Iterator[tuple[str, str]]:
        """Name and path of every file that has rows."""
        for name, file in self._files.items():
            file.flush()
            if file.tell():
                yield name, file.name


def _name(key: str) -> str:
    """`<model>/snapshots/<digest>/data/a/b.csv` -> `a/b.csv`, as whoever dropped it knows it."""
    _, found, rest = key.partition("/data/")
    return rest if found else key.rsplit("/", 1)[-1]


def _shards(pipeline: Pipeline) -> int:
    training = pipeline.training
    return training.instance_count if training.data_distribution == "ShardedByS3Key" else 1


def _where(digest: str, held: set[str], validation_percent: int) -> str:
    if digest in held:
        return "held_out"
    # Other digits than those that chose the holdout, which has all rows that begin as a validation row would.
    return "validation" if part_of(digest[8:], validation_percent) is Part.FIRST else "train"

"""From a snapshot to what a training job reads: label first, no header, and never a row of the holdout."""

import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from switchyard.contracts.ports import Storage
from switchyard.domain.dataset import row_hash
from switchyard.domain.errors import InvalidDatasetError
from switchyard.domain.pipeline import Pipeline
from switchyard.domain.run import Run
from switchyard.domain.split import Part, holdout_chunks, part_of
from switchyard.usecases.frozen import Frozen, Schema, holdout_key, select

HOLDOUT_PERCENT = 20
HOLDOUT_ROWS = 20_000  # at most, when it is taken from the first dataset


@dataclass(frozen=True)
class Preparation:
    """Splits one snapshot; the same snapshot gives the same files."""

    artifacts: Storage
    frozen: Frozen

    def prepare(self, run: Run) -> dict[str, Any]:
        """Writes train/ and validation/, freezes a holdout if there is none; answers references."""
        pipeline = self.frozen.pipeline(run)
        columns = next(self.frozen.rows(self.frozen.data_files(run)[0]))
        schema = Schema(tuple(c for c in columns if c != pipeline.target), pipeline.target)
        if not self.artifacts.exists(holdout_key(run.model)):
            self._freeze_holdout(run, columns)
        held, rows = self._holdout(run, schema, pipeline.scoring.slices)
        prefix = f"{run.model}/prepared/{run.run_id}/"
        counts = self._split(run, pipeline, schema, held, prefix)
        content = {"features": schema.features, "target": schema.target, "rows": counts}
        self.artifacts.write(f"{prefix}schema.json", json.dumps(content).encode())
        channels = [name for name in ("train", "validation") if counts[name]]
        return {"schema": f"{prefix}schema.json", "chunks": holdout_chunks(rows), "channels": channels}

    def _rows(self, run: Run) -> Iterator[list[str]]:
        for key in self.frozen.data_files(run):
            rows = self.frozen.rows(key)
            next(rows)
            yield from rows

    def _freeze_holdout(self, run: Run, columns: list[str]) -> None:
        """A fifth of the first dataset, chosen by the rows' own hashes; written once and never again."""
        with tempfile.TemporaryFile("w+", newline="") as file:
            writer, kept = csv.writer(file, lineterminator="\n"), 0
            writer.writerow(columns)
            for row in self._rows(run):
                if kept < HOLDOUT_ROWS and part_of(row_hash(row), HOLDOUT_PERCENT) is Part.FIRST:
                    writer.writerow(row)
                    kept += 1
            file.seek(0)
            self.artifacts.write(holdout_key(run.model), file.read().encode(), absent=True)

    def _holdout(self, run: Run, schema: Schema, slices: Sequence[str]) -> tuple[set[str], int]:
        """Hashes of the holdout's rows in this dataset's column order, and how many rows it has."""
        rows = self.frozen.rows(holdout_key(run.model))
        header = next(rows, [])
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
        hashes, count = set(), 0
        for row in rows:
            hashes.add(row_hash(select(row, positions)))
            count += 1
        return hashes, count

    def _split(
        self, run: Run, pipeline: Pipeline, schema: Schema, held: set[str], prefix: str
    ) -> dict[str, int]:
        counts = {"train": 0, "validation": 0, "held_out": 0}
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            files = {name: _open(stack, Path(folder), name) for name in ("train", "validation")}
            writers = {name: csv.writer(file, lineterminator="\n") for name, file in files.items()}
            for row in self._labelled(run, schema):
                where = _where(row, held, pipeline.validation_percent)
                counts[where] += 1
                if where in writers:
                    writers[where].writerow(row)
            for name, file in files.items():
                file.flush()
                if counts[name]:
                    self.artifacts.upload(f"{prefix}{name}/part-0.csv", file.name)
        if not counts["train"]:
            raise InvalidDatasetError(f"{run.source}: every row is in the holdout, none is left to train on")
        return counts

    def _labelled(self, run: Run, schema: Schema) -> Iterator[list[str]]:
        """Rows as the built-in algorithms want them: the label first."""
        for key in self.frozen.data_files(run):
            rows = self.frozen.rows(key)
            header = next(rows)
            positions = [header.index(name) for name in (schema.target, *schema.features)]
            yield from (select(row, positions) for row in rows)


def _open(stack: ExitStack, folder: Path, name: str) -> IO[str]:
    return stack.enter_context((folder / f"{name}.csv").open("w", newline=""))


def _where(row: list[str], held: set[str], validation_percent: int) -> str:
    digest = row_hash([*row[1:], row[0]])
    if digest in held:
        return "held_out"
    # Other digits than those that chose the holdout, which has all rows that begin as a validation row would.
    return "validation" if part_of(digest[8:], validation_percent) is Part.FIRST else "train"

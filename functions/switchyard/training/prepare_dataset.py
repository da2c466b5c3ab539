"""From a snapshot to what a training job reads: label first, no header, and never a row of the holdout."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from switchyard.config.snapshot import (
    Schema,
    Snapshots,
    clean_prefix,
    distribution_key,
    holdout_key,
    own_holdout_key,
    prepared_prefix,
    schema_key,
    select,
)
from switchyard.core.data.identity import row_identity
from switchyard.core.data.numbers import fault, plain_row, read_numbers
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import Problem
from switchyard.core.ports import Storage
from switchyard.core.run import Run
from switchyard.intake.rules.inspection import Inspection
from switchyard.training.channels import HELD_OUT, Channels, Counts
from switchyard.training.rules.distribution import Sample
from switchyard.training.rules.holdout import Taking
from switchyard.training.rules.split import SMALLEST_CHUNK, Part, holdout_chunks, is_distributed, part_of

Holds = Callable[[str, float], bool]  # is the row of this identity and label in the holdout?


class LabelledRow(NamedTuple):
    """A row as the built-in algorithms want it: the label first. `number` as a person counts rows of `file`."""

    file: str
    number: int
    fields: list[str]
    label: float
    identity: str


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


@dataclass(frozen=True)
class PrepareDataset:
    """Splits one snapshot; the same snapshot gives the same files."""

    artifacts: Storage
    snapshots: Snapshots

    def prepare(self, run: Run) -> dict[str, Any]:
        """Writes the channels, and a holdout of the run's own where the model has none; answers references.

        Nothing of the model's is written here: what a run takes becomes the model's when it is promoted.
        """
        pipeline = self.snapshots.pipeline(run)
        files = self.snapshots.data_files(run, pipeline)
        if pipeline.prepare is not None:
            self._inspect(run, pipeline, files)
        schema = self._schema(run, pipeline, files[0])
        has_one = self.artifacts.exists(holdout_key(run.model))
        key = holdout_key(run.model) if has_one else own_holdout_key(run)
        if has_one:
            held = self._holdout(key, schema, pipeline.scoring.slices)
            counts = self._split(run, pipeline, schema, held.holds, files)
        else:
            taken = self._take(pipeline, schema, files)
            counts = self._split(
                run, pipeline, schema, taken, files, header=(schema.target, *schema.features)
            )
            held = self._holdout(key, schema, pipeline.scoring.slices)
        self.artifacts.write(schema_key(run), self._record(run, pipeline, schema, key, counts))
        channels = [name for name in ("train", "validation") if counts.rows[name]]
        return {
            "schema": schema_key(run),
            "chunks": self._chunks(run, pipeline, held),
            "channels": channels,
        }

    def _record(self, run: Run, pipeline: Pipeline, schema: Schema, holdout: str, counts: Counts) -> bytes:
        """What is known of the run's data; the part that its model inherits is read by Snapshots.adopt."""
        content: dict[str, Any] = {"features": schema.features, "target": schema.target}
        content |= {"problem": pipeline.problem.value, "classes": self._classes(run, pipeline)}
        content |= {"rows": counts.rows, "first_left_out": counts.first_left_out, "holdout": holdout}
        return json.dumps(content).encode()

    def _classes(self, run: Run, pipeline: Pipeline) -> list[float]:
        """All that the model has ever had: a class that this dataset lacks is no less one."""
        baseline = self.snapshots.baseline(run.model)
        known = set(baseline.classes) if baseline else set()
        labels = self.snapshots.labels(run)
        found = labels.distinct if labels and pipeline.problem is not Problem.REGRESSION else set()
        return sorted(known | found)

    def _chunks(self, run: Run, pipeline: Pipeline, held: Held) -> dict[str, Any]:
        """Few chunks travel with the execution, many are read by a Distributed Map from a file."""
        distributed = is_distributed(held.rows, pipeline.scoring.map)
        items = holdout_chunks(held.rows, held.offsets, distributed=distributed)
        if not distributed:
            return {"map": "inline", "items": items, "key": ""}
        key = f"{prepared_prefix(run)}chunks.json"
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
        inspection.labels.check_varied()
        labels = baseline.complete(inspection.labels) if baseline else inspection.labels
        labels.check(pipeline.problem)

    def _schema(self, run: Run, pipeline: Pipeline, file: str) -> Schema:
        """Features in the baseline's order, whatever the dataset's: endpoints are asked by position."""
        names = [column.strip() for column in next(self.snapshots.rows(file))]
        baseline = self.snapshots.baseline(run.model)
        if baseline is None:
            return Schema(tuple(c for c in names if c != pipeline.target), pipeline.target)
        baseline.check(_name(file), names, pipeline.target)
        if baseline.problem not in (None, pipeline.problem):
            raise InvalidDatasetError(
                f"{run.source}: it was admitted as a {pipeline.problem} problem before the model's first run was "
                f"promoted, and the model's is {baseline.problem}; drop it again"
            )
        return Schema(baseline.features, pipeline.target)

    def _take(self, pipeline: Pipeline, schema: Schema, files: list[str]) -> Holds:
        """The model has no holdout yet: a fifth of this dataset, or the reason why it cannot give one."""
        taking = Taking(pipeline.problem is not Problem.REGRESSION, pipeline.evaluation.minimum_rows)
        for row in self._labelled(schema, files):
            taking.add(row.identity, row.label)
        return taking.taken().holds

    def _holdout(self, key: str, schema: Schema, slices: Sequence[str]) -> Held:
        """Identities of the holdout's rows, in this schema's column order."""
        rows = self.snapshots.located_rows(key)
        at, header = next(rows, (0, []))
        positions = _positions(key, [column.strip() for column in header], schema, slices)
        held = Held()
        for number, (end, row) in enumerate(rows, start=2):
            values = read_numbers(select(row, positions))
            if isinstance(values, int):
                column = header[positions[values]]
                raise InvalidDatasetError(
                    f"{key}: row {number}, column '{column}': {fault(row[positions[values]])}; mend the holdout"
                )
            held.add(row_identity(values), at)
            at = end
        return held

    def _split(
        self,
        run: Run,
        pipeline: Pipeline,
        schema: Schema,
        holds: Holds,
        files: list[str],
        header: Sequence[str] = (),
    ) -> Counts:
        """`header`: of the holdout that is taken from these rows."""
        counts, sample = Counts(), Sample(schema.features)
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            channels = Channels(stack, Path(folder), _shards(pipeline), header)
            for row in self._labelled(schema, files):
                held = holds(row.identity, row.label)
                where = HELD_OUT if held else _channel(row.identity, pipeline.validation_percent)
                counts.add(where, row.file, row.number)
                channels.write(where, row.identity, row.fields)
                if where == "train":
                    sample.add(row.identity, row.fields[1:])
            if not counts.rows["train"]:
                raise InvalidDatasetError(
                    f"{run.source}: every row is in the holdout, none is left to train on"
                )
            for name, path in channels.written():
                self.artifacts.upload(f"{prepared_prefix(run)}{name}", path)
        spread = json.dumps(sample.baseline().to_dict()).encode()
        self.artifacts.write(distribution_key(run.model, run.run_id), spread)
        return counts

    def _labelled(self, schema: Schema, files: list[str]) -> Iterator[LabelledRow]:
        for key in files:
            rows = self.snapshots.rows(key)
            header = [column.strip() for column in next(rows)]
            positions = [header.index(name) for name in (schema.target, *schema.features)]
            for number, row in enumerate(rows, start=2):
                fields = select(row, positions)
                values = read_numbers(fields)
                if isinstance(values, int):  # admitted by an older door
                    raise InvalidDatasetError(
                        f"{_name(key)}: row {number}, column '{header[positions[values]]}': {fault(fields[values])}"
                    )
                identity = row_identity([*values[1:], values[0]])
                yield LabelledRow(_name(key), number, plain_row(fields), values[0], identity)


def _positions(key: str, header: list[str], schema: Schema, slices: Sequence[str]) -> list[int]:
    """Where the holdout has the schema's columns."""
    wanted = (*schema.features, schema.target)
    missing = [name for name in wanted if name not in header]
    if missing:
        raise InvalidDatasetError(
            f"{key} lacks {len(missing)} columns of this dataset, the first is '{missing[0]}'; "
            f"drop a dataset with the holdout's columns, or replace the holdout"
        )
    unknown = [name for name in slices if name not in header]
    if unknown:
        raise InvalidDatasetError(
            f"evaluation.slices: {key} has no column '{unknown[0]}'; its columns begin with "
            f"{', '.join(header[:10])}"
        )
    return [header.index(name) for name in wanted]


def _name(key: str) -> str:
    """`<model>/snapshots/<digest>/data/a/b.csv` -> `a/b.csv`, as whoever dropped it knows it."""
    _, found, rest = key.partition("/data/")
    return rest if found else key.rsplit("/", 1)[-1]


def _shards(pipeline: Pipeline) -> int:
    training = pipeline.training
    return training.instance_count if training.data_distribution == "ShardedByS3Key" else 1


def _channel(identity: str, validation_percent: int) -> str:
    # Other digits than those that chose the holdout, which has all rows that begin as a validation row would.
    return "validation" if part_of(identity[8:], validation_percent) is Part.FIRST else "train"

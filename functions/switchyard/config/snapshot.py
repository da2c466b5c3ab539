"""Reading back what was frozen for a run: its pipeline, its data, its column order."""

import codecs
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from switchyard.config.frozen_json import thaw
from switchyard.core.baseline import Baseline
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Storage
from switchyard.core.run import Run
from switchyard.core.target import LabelStatistics

BOM = codecs.BOM_UTF8


@dataclass(frozen=True)
class Schema:
    """The columns a model was trained on, in order."""

    features: tuple[str, ...]
    target: str


@dataclass(frozen=True)
class Snapshots:
    """A run's immutable inputs in the artifact bucket."""

    artifacts: Storage

    def pipeline(self, run: Run) -> Pipeline:
        return thaw(self.artifacts.read(run.pipeline_key))

    def data_files(self, run: Run, pipeline: Pipeline) -> list[str]:
        """Keys of the run's CSV files: what its preparation made, or the snapshot's in the manifest's order."""
        if pipeline.prepare is not None:
            listed = self.artifacts.list(clean_prefix(run))
            return sorted(item.key for item in listed if item.key.endswith(".csv") and item.size)
        manifest = json.loads(self.artifacts.read(f"{run.snapshot}manifest.json"))
        return [f"{run.snapshot}data/{file['name']}" for file in manifest["files"]]

    def labels(self, run: Run) -> LabelStatistics | None:
        """What the target column of the snapshot looks like, as it was found at the door; None of files of any type."""
        manifest = json.loads(self.artifacts.read(f"{run.snapshot}manifest.json"))
        found = manifest["labels"]
        if found is None:
            return None
        return LabelStatistics(int(found["rows"]), set(map(float, found["distinct"])))

    def rows(self, key: str, offset: int = 0) -> Iterator[list[str]]:
        """The header, then every row; from byte `offset` on. The file was checked at the door."""
        return (fields for fields in csv.reader(self.artifacts.lines(key, offset)) if fields)

    def located_rows(self, key: str) -> Iterator[tuple[int, list[str]]]:
        """Each row, the header first, with the byte after it: where the next one begins."""
        first = next(self.artifacts.chunks(key), b"")
        lines = _Counted(self.artifacts.lines(key), len(BOM) if first.startswith(BOM) else 0)
        for fields in csv.reader(lines):
            if fields:
                yield lines.position, fields

    def schema(self, key: str) -> Schema:
        content = json.loads(self.artifacts.read(key))
        return Schema(tuple(content["features"]), content["target"])

    def baseline(self, model: str) -> Baseline | None:
        """The features of the model's first dataset; None before its first run."""
        key = baseline_key(model)
        if not self.artifacts.exists(key):
            return None
        return Baseline(self.artifacts.uri(key), self.schema(key).features)


class _Counted:
    """Lines, and how many bytes of them were read."""

    def __init__(self, lines: Iterator[str], position: int) -> None:
        self._lines, self.position = lines, position

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.position += len(line.encode())
        return line


def clean_prefix(run: Run) -> str:
    """Where a preparation writes the clean table of a run."""
    return f"{run.model}/prepared/{run.run_id}/clean/"


def baseline_key(model: str) -> str:
    """The schema of the model's first dataset, frozen beside the holdout."""
    return f"{model}/holdout/schema.json"


def holdout_key(model: str) -> str:
    """The frozen holdout: the owner's, or taken from the model's first dataset."""
    return f"{model}/holdout/holdout.csv"


def distribution_key(model: str, run_id: str) -> str:
    """How a run's training rows were spread, for drift: written with its channels."""
    return f"{model}/prepared/{run_id}/distribution.json"


def select(fields: Sequence[str], positions: Sequence[int]) -> list[str]:
    return [fields[position] for position in positions]

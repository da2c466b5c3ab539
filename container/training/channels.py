"""Channels: the CSV files of /opt/ml/input/data/<channel>, no header, label first.

Without a contract, and where it has numbers and booleans alone, every field is a number; else the reader of
typed rows takes over.

SageMaker's built-in XGBoost reads the same: "For CSV training, the algorithm assumes that the target variable
is in the first column and that the CSV does not have a header record."
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from container.layout import Layout
from container.numeric_csv import RowError, Rows, parse_rows
from container.training.errors import TrainingError
from container.training.hyperparameters import Hyperparameters

# Few enough that what Python makes of them, twenty times their room, stays in the caches, and their table on the heap:
# larger ones are given back to the kernel and asked of it again, block after block.
_BLOCK_BYTES = 64 << 10


Table = npt.NDArray[np.float32]


class Reader(Protocol):
    """How the rows of one file become a table of float32, the label first."""

    def read(self, path: Path) -> Iterator[Table]:
        """The table in pieces. Raises RowError, whose row counts from the piece's first."""


@dataclass
class NumericReader:
    """Numbers alone; `width` is that of the first row unless it is given."""

    width: int | None = None

    def read(self, path: Path) -> Iterator[Table]:
        for text in blocks(path):
            rows = parse_rows(text, self.width)
            self.width = rows.width
            yield table_of(rows)


def table_of(rows: Rows) -> Table:
    return np.frombuffer(rows.values, np.float32).reshape(-1, rows.width)


def read_channel(layout: Layout, name: str, hyperparameters: Hyperparameters, reader: Reader) -> Table | None:
    """All files of a channel, ordered by path; None if the job has no such channel. Raises TrainingError."""
    folder = layout.channel(name)
    if not folder.is_dir():
        return None
    _check_content_type(layout, name)
    paths = files_of(folder)
    if not paths:
        raise TrainingError(f"channel {name} holds no file: check the S3 prefix of the channel")
    return read_files(name, folder, paths, hyperparameters, reader)


def read_files(
    name: str, folder: Path, paths: Sequence[Path], hyperparameters: Hyperparameters, reader: Reader
) -> Table:
    """Files of the channel `name`, one after the other. Raises TrainingError that names the file."""
    pieces: list[Table] = []  # of all files, so that each row is copied once
    for path in paths:
        place = f"channel {name}, file {path.relative_to(folder)}"
        pieces += _read_file(path, place, hyperparameters, reader)
    return np.concatenate(pieces)


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _check_content_type(layout: Layout, name: str) -> None:
    path = layout.config / "inputdataconfig.json"
    if not path.is_file():
        return
    given = json.loads(path.read_bytes()).get(name, {}).get("ContentType") or "text/csv"
    if given.partition(";")[0].strip().lower() != "text/csv":
        raise TrainingError(f"channel {name} has ContentType {given}: this image reads text/csv")


def _read_file(path: Path, place: str, hyperparameters: Hyperparameters, reader: Reader) -> list[Table]:
    """A table of each block. Raises TrainingError that begins with `place`."""
    blocks: list[Table] = []
    before = 0
    try:
        for block in reader.read(path):
            _check_labels(block, hyperparameters)
            blocks.append(block)
            before += len(block)
    except RowError as error:
        raise TrainingError(f"{place}, {_located(error, before)}") from None
    except UnicodeDecodeError:
        raise TrainingError(f"{place} is not UTF-8 text") from None
    if not blocks:
        raise TrainingError(f"{place} is empty")
    if blocks[0].shape[1] == 1:
        raise TrainingError(f"{place} has one field a row: a label and at least one feature are expected")
    return blocks


def blocks(path: Path) -> Iterator[bytes]:
    """Pieces of the file that end with a whole row."""
    rest = b""
    with path.open("rb") as file:
        while piece := file.read(_BLOCK_BYTES):
            whole, newline, rest = (rest + piece).rpartition(b"\n")
            if newline:
                yield whole
    if rest:
        yield rest


def _located(error: RowError, before: int) -> str:
    hint = ""
    if before == 0 and error.row == 1 and error.reason == "not a number":
        hint = " (a header line? training CSV has none, and the label comes first)"
    return str(RowError(before + error.row, error.field, error.reason)) + hint


def _check_labels(block: Table, hyperparameters: Hyperparameters) -> None:
    """Raises RowError at the first label that the objective cannot take."""
    labels = block[:, 0]
    allowed, expected = ~np.isnan(labels), "a label is missing"
    if hyperparameters.objective.startswith("multi:"):
        last = hyperparameters.num_class - 1
        allowed, expected = (
            np.isin(labels, np.arange(last + 1)),
            f"the label must be an integer from 0 to {last}",
        )
    elif hyperparameters.objective.endswith(":logistic"):
        allowed, expected = (labels >= 0) & (labels <= 1), "the label must lie from 0 to 1"
    if not allowed.all():
        raise RowError(int(np.argmin(allowed)) + 1, 1, expected)

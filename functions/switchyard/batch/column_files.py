"""One pass over a dropped file leaves, as objects, the columns that each of its readers needs."""

import csv
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from switchyard.core.data.contract import Contract
from switchyard.core.ports import Storage
from switchyard.intake.rules.table import read_features


@dataclass(frozen=True)
class ColumnFile:
    """An object to be, of some of a file's columns and all of its rows; no header."""

    key: str
    columns: tuple[str, ...]


def write_column_files(
    artifacts: Storage, name: str, lines: Iterable[str], contract: Contract, wanted: Sequence[ColumnFile]
) -> int:
    """How many rows there were; nothing is written of a file with a defect.

    The first is a model's input: its columns are checked by its contract. What only the others have is taken as it
    stands.
    """
    checked, others = wanted[0].columns, [column for each in wanted[1:] for column in each.columns]
    beside = [column for column in dict.fromkeys(others) if column not in checked]
    columns = [*checked, *beside]
    places = [[columns.index(column) for column in each.columns] for each in wanted]
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.NamedTemporaryFile("w", newline="")) for _ in wanted]
        writers = [csv.writer(file, lineterminator="\n") for file in files]
        rows = 0
        for rows, fields in enumerate(read_features(name, lines, contract, beside), start=1):  # noqa: B007
            for writer, own in zip(writers, places, strict=True):
                writer.writerow([fields[place] for place in own])
        for file, each in zip(files, wanted, strict=True):
            file.flush()
            artifacts.upload(each.key, file.name)
    return rows

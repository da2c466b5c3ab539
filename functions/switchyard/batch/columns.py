"""One pass over a dropped file leaves, as objects, the columns that each of its readers needs."""

import csv
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from switchyard.core.ports import Storage
from switchyard.intake.rules.table import read_features


@dataclass(frozen=True)
class Sheet:
    """An object to be, of some of a file's columns and all of its rows; no header."""

    key: str
    columns: tuple[str, ...]


def write_sheets(artifacts: Storage, name: str, lines: Iterable[str], sheets: Sequence[Sheet]) -> int:
    """How many rows there were; nothing is written of a file with a defect.

    The first sheet is a model's input: its columns are checked as `read_features` does. What only the
    others have is taken as it stands.
    """
    checked, wanted = sheets[0].columns, [column for sheet in sheets[1:] for column in sheet.columns]
    beside = [column for column in dict.fromkeys(wanted) if column not in checked]
    columns = [*checked, *beside]
    places = [[columns.index(column) for column in sheet.columns] for sheet in sheets]
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.NamedTemporaryFile("w", newline="")) for _ in sheets]
        writers = [csv.writer(file, lineterminator="\n") for file in files]
        rows = 0
        for rows, fields in enumerate(read_features(name, lines, checked, beside), start=1):  # noqa: B007
            for writer, own in zip(writers, places, strict=True):
                writer.writerow([fields[place] for place in own])
        for file, sheet in zip(files, sheets, strict=True):
            file.flush()
            artifacts.upload(sheet.key, file.name)
    return rows

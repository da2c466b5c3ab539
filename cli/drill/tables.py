"""The champion's data once more, as another dataset: in another order, or with labels that are wrong. Pure."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence


def reordered(tables: Sequence[str], seed: str) -> str:
    """The rows of all tables, in another order: other bytes are another dataset, and the same rows teach the same."""
    header, rows = _rows(tables)
    random.Random(seed).shuffle(rows)  # noqa: S311 - which order is no secret
    return _table(header, rows)


def mislabelled(tables: Sequence[str], target: str, seed: str) -> str:
    """The same rows, each with the label of another one."""
    header, rows = _rows(tables)
    place = [name.strip() for name in header].index(target)
    labels = [row[place] for row in rows]
    random.Random(seed).shuffle(labels)  # noqa: S311 - which wrong labels is no secret
    for row, label in zip(rows, labels, strict=True):
        row[place] = label
    return _table(header, rows)


def _rows(tables: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Tables of one dataset have the same columns in the same order."""
    read = [[row for row in csv.reader(io.StringIO(table)) if row] for table in tables]
    return read[0][0], [row for _, *rows in read for row in rows]


def _table(header: list[str], rows: list[list[str]]) -> str:
    body = io.StringIO()
    csv.writer(body, lineterminator="\n").writerows([header, *rows])
    return body.getvalue()

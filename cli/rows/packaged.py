"""Files of data packages: installed by `make images`, pinned in requirements/data.txt, and only ever read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

from cli.stack.home import REPOSITORY

ENVIRONMENT = REPOSITORY / ".venvs" / "data"
Table = Sequence[dict[str, str]]


def packaged(name: str) -> Path:
    """`package/folder/file`; SystemExit says how to get it."""
    found = next(ENVIRONMENT.glob(f"lib/python3.*/site-packages/{name}"), None)
    if found is None:
        raise SystemExit(f"{name} is not installed in {ENVIRONMENT}; next: make images")
    return found


def without(column: str, rows: Table) -> Iterator[str]:
    """Rows as bodies of text/csv requests: all columns but this one, no header."""
    kept = [{name: value for name, value in row.items() if name != column} for row in rows]
    return iter(as_csv(kept).splitlines()[1:])


def as_csv(rows: Table) -> str:
    """With a header, as a dataset drop."""
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()

"""One table of every kind of column, in the forms in which people have it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from math import exp
from pathlib import Path

from tests.engine.tables import parquet

Row = dict[str, float | bool | str | None]
TARGET, ROWS, MISSING = "gekündigt", 1_200, 0.04
TYPES = "{'größe': 'DOUBLE', 'seit': 'DATE', 'mitglied': 'BOOLEAN'}"
Files = Mapping[str, bytes]


def rows(seed: int = 11) -> list[Row]:
    """Numbers, words, texts, dates and booleans, of each some missing; the target is a word."""
    lots = random.Random(seed)  # noqa: S311 - rows, no secret
    return [_row(lots) for _ in range(ROWS)]


def _row(lots: random.Random) -> Row:
    size, member, colour = lots.gauss(50, 20), lots.random() < 0.5, lots.choice(["grün", "rot", "weiß"])
    odds = 0.1 * (size - 50) + (2 if member else -2) + (1 if colour == "grün" else 0)
    row: Row = {
        "größe": round(size, 3),
        "farbe": colour,
        "notiz": f"{lots.choice(['Straße', 'Café', 'Hof'])} {lots.randrange(10_000)}, links",
        "seit": str(date(2020, 1, 1) + timedelta(lots.randrange(2000))),
        "mitglied": member,
    }
    for name in row:
        if lots.random() < MISSING:
            row[name] = None
    return {**row, TARGET: "ja" if lots.random() < 1 / (1 + exp(-odds)) else "nein"}


def as_csv(table: list[Row], separator: str = ",", mark: str = ".") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(table[0])
    for row in table:
        writer.writerow([_field(value, mark) for value in row.values()])
    return text.getvalue()


def _field(value: object, mark: str) -> object:
    return str(value).replace(".", mark) if isinstance(value, float) else value


def plain(table: list[Row], _: Path) -> Files:
    return {"data.csv": as_csv(table).encode()}


def spreadsheet(table: list[Row], _: Path) -> Files:
    """As a spreadsheet in Berlin saves it."""
    return {"data.csv": as_csv(table, ";", ",").encode("latin-1")}


def packed(table: list[Row], _: Path) -> Files:
    return {"data.csv.gz": gzip.compress(as_csv(table).encode())}


def parquet_folder(table: list[Row], folder: Path) -> Files:
    """As Spark leaves it, without the marker."""
    whole, half = folder / "whole.csv", len(table) // 2
    files = {}
    for part, some in enumerate((table[:half], table[half:])):
        whole.write_text(as_csv(some))
        name = f"part-{part:05}.parquet"
        files[name] = parquet(folder / name, f"SELECT * FROM read_csv('{whole}', types = {TYPES})")  # noqa: S608
    return files


def json_lines(table: list[Row], _: Path) -> Files:
    return {"data.jsonl": "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in table).encode()}


FORMS: Mapping[str, Callable[[list[Row], Path], Files]] = {
    "plain": plain,
    "latin": spreadsheet,
    "gz": packed,
    "parquet": parquet_folder,
    "jsonl": json_lines,
}

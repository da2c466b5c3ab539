"""Writes one table in forms that people have, to a folder: `python examples/any-form/data.py /tmp/customers`.

`first.csv`, as a spreadsheet in Berlin saves it: semicolons, decimal commas, Latin-1. `second/`, the same customers and
as many more, as Spark writes Parquet. `live.csv` has their rows without the target. The customers are made up, with a
seed.
"""

import csv
import io
import random
import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import exp
from pathlib import Path

import duckdb

TARGET, FIRST, ALL, MISSING = "gekündigt", 1500, 3000, 0.04
Customer = Mapping[str, object]


def customer(lots: random.Random) -> Customer:
    """A number, a word, a text, a date and a boolean, of each some missing; the target is a word."""
    size, member, colour = lots.gauss(50, 20), lots.random() < 0.5, lots.choice(["grün", "rot", "weiß"])
    odds = 0.1 * (size - 50) + (2 if member else -2) + (1 if colour == "grün" else 0)
    known: dict[str, object] = {
        "größe": round(size, 3),
        "farbe": colour,
        "notiz": f"{lots.choice(['Straße', 'Café', 'Hof'])} {lots.randrange(10_000)}, links",
        "seit": date(2020, 1, 1) + timedelta(lots.randrange(2000)),
        "mitglied": member,
    }
    row = {name: None if lots.random() < MISSING else value for name, value in known.items()}
    return {**row, TARGET: "ja" if lots.random() < 1 / (1 + exp(-odds)) else "nein"}


def written(rows: Sequence[Customer], separator: str = ",", mark: str = ".") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows([_field(value, mark) for value in row.values()] for row in rows)
    return text.getvalue()


def _field(value: object, mark: str) -> object:
    return str(value).replace(".", mark) if isinstance(value, float) else value


def main(folder: Path) -> None:
    lots = random.Random(11)  # noqa: S311 repeatable, not a secret
    rows = [customer(lots) for _ in range(ALL)]
    (folder / "second").mkdir(parents=True, exist_ok=True)
    (folder / "first.csv").write_bytes(written(rows[:FIRST], ";", ",").encode("latin-1"))
    (folder / "live.csv").write_text("\n".join(written([_asked(row) for row in rows]).splitlines()[1:]))
    for number, part in enumerate((rows[:FIRST], rows[FIRST:])):
        _write_parquet(folder / "second" / f"part-{number:05}.parquet", part)


def _asked(row: Customer) -> Customer:
    return {name: value for name, value in row.items() if name != TARGET}


def _write_parquet(path: Path, rows: Sequence[Customer]) -> None:
    table = path.with_suffix(".csv")
    table.write_text(written(rows))
    duckdb.read_csv(
        str(table), dtype={"größe": "DOUBLE", "seit": "DATE", "mitglied": "BOOLEAN"}
    ).write_parquet(str(path))
    table.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""A dataset from the door to its channels: blocks by the engine beside the reading row by row.

`python -m benchmarks.data_check` prints a table, with --json one JSON object a row; exit code 1 for a missed promise.
Each step runs in a process of its own, the two ways in turns; what is compared is CPU time, of one run after the other.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.checks import Check, finish, table_of
from benchmarks.data_check.tables import TABLES, write

console = Console(highlight=False, width=None if os.isatty(1) else 140)
ROOT = Path(__file__).resolve().parents[2]
ROWS, STEPS, WAYS = 1_000_000, ("check", "prepare", "again"), ("blocks", "rows")
FIRST = "330b475"  # the version that goals on speed are held against
MOST_CPU, MOST_MEGABYTES = 0.3, 700
# What that version is asked to read instead: numbers alone.
NUMERIC_PARTS = {"one_text": "thirty_numbers", "mixed": "numeric"}
# The goal was set on one_text; a third of mixed's columns that version could not have read at all (decision 0026).
MOST_TO_CHANNELS = {"one_text": MOST_CPU, "mixed": 0.45}
FIGURES = {"cpu_s": 1, "wall_s": 1, "peak_mb": 0}


def main(
    rows: int = ROWS,
    only_blocks: Annotated[
        bool, typer.Option(help="Not row by row: no ratios. Over a million rows it is always so.")
    ] = False,
    first_version: Annotated[
        bool, typer.Option(help="Beside version 330b475, out of git's history.")
    ] = False,
    table: Annotated[str, typer.Option(help="numeric, one_text or mixed alone.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Measure checking and preparing tables of numbers, of numbers beside a text, and of every kind of column."""
    tables = [name for name in TABLES if table in ("", name)]
    if not tables:
        raise typer.BadParameter(f"--table {table}: found no such table; write {' or '.join(TABLES)}")
    ways = WAYS[:1] if only_blocks or rows > ROWS else WAYS
    found = [row for name in tables for row in measure(name, rows, ways)]
    if first_version:
        parts = {NUMERIC_PARTS.get(name, name) for name in tables}
        found += [row for part in sorted(parts) for row in measure_first(part, rows)]
    finish(found, promises(found), as_json, _print)


def measure(table: str, rows: int, ways: tuple[str, ...] = WAYS) -> list[dict[str, Any]]:
    """One row a step and way."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / f"digits/snapshots/{table}/data"
        data.mkdir(parents=True)
        write(data / f"{table}.csv", table, rows)
        return [
            {"table": table, "rows": rows, "step": step, "way": way, **_taken(folder, table, way, step)}
            for step in STEPS
            for way in ways
        ]


def measure_first(table: str, rows: int) -> list[dict[str, Any]]:
    """One row a step of the first version, of a table of numbers: it read no other."""
    with tempfile.TemporaryDirectory() as folder:
        csv = Path(folder) / "numeric.csv"
        write(csv, table, rows)
        archive = subprocess.run(
            ["git", "archive", FIRST, "functions"], cwd=ROOT, capture_output=True, check=True
        )
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
            tar.extractall(folder, filter="data")
        told = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("first_version.py")), str(csv)],
            env=os.environ | {"PYTHONPATH": f"{folder}/functions"},
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    taken = json.loads(told.stdout)
    about = {"table": table, "rows": rows, "way": FIRST, "wall_s": 0.0, "peak_mb": 0.0, "digest": ""}
    return [{**about, "step": step, "cpu_s": cpu} for step, cpu in taken.items()]


def _taken(folder: str, table: str, way: str, step: str) -> dict[str, Any]:
    stage = [sys.executable, "-m", "benchmarks.data_check.stage", folder, table, way, step]
    place = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}"}
    told = subprocess.run(stage, env=place, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(told.stdout))


def promises(rows: list[dict[str, Any]]) -> list[Check]:
    """What must hold of each step, and, beside the first version, of the way from the door to the first channels."""
    by = {(row["table"], row["step"], row["way"]): row for row in rows}
    blocks = {(table, step): row for (table, step, way), row in by.items() if way == "blocks"}
    checks = [
        Check(f"{table}, {step}: peak memory in MB", row["peak_mb"], at_most=MOST_MEGABYTES)
        for (table, step), row in blocks.items()
    ]
    for (table, step), row in blocks.items():
        if (table, step, "rows") in by:
            other = by[table, step, "rows"]
            checks += [
                Check(
                    f"{table}, {step}: CPU over that of rows", row["cpu_s"] / other["cpu_s"], at_most=MOST_CPU
                ),
                Check(f"{table}, {step}: the same bytes", row["digest"] == other["digest"], at_least=1),
            ]
    for table, part in NUMERIC_PARTS.items():
        if {(part, STEPS[0], FIRST), (table, STEPS[0], WAYS[0])} <= by.keys():
            ratio = _to_channels(by, table, WAYS[0]) / _to_channels(by, part, FIRST)
            checks.append(
                Check(
                    f"{table}, to the channels: CPU over that of numbers before",
                    ratio,
                    at_most=MOST_TO_CHANNELS[table],
                )
            )
    return checks


def _to_channels(by: dict[tuple[str, str, str], dict[str, Any]], table: str, way: str) -> float:
    """CPU seconds from the door to the first channels."""
    return float(sum(by[table, step, way]["cpu_s"] for step in STEPS[:2]))


def _print(rows: Sequence[dict[str, Any]], checks: Sequence[Check]) -> None:
    table = Table("table", "rows", "step", "way", "CPU s", "wall s", "peak MB")
    for row in rows:
        told = (row["table"], f"{row['rows']:,}", row["step"], row["way"])
        table.add_row(*told, *(f"{row[name]:.{digits}f}" for name, digits in FIGURES.items()))
    console.print(table)
    console.print(table_of(checks))

"""The way of a dataset from its drop to 100 % of traffic: what it takes in time, transitions and money.

`python -m benchmarks.line` prints tables, with --json one JSON object a row; exit code 1 when a promise is missed.
Scenes: `runs`, many runs of the machines and functions with stubbed jobs, in a process of its own; `paths`, what each
part of the way takes beside the same waits by loops that poll every 30 seconds; `sweep`, many quiet models, with few
runs behind each and with many.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.checks import Check, finish, table_of
from benchmarks.line.money import TRANSITION, calls_usd, lambda_usd
from benchmarks.line.paths import paths

ROOT = Path(__file__).resolve().parents[2]
RUNS, MOST_TRANSITIONS, MOST_USD, MOST_MEGABYTES, MOST_GROWTH = 500, 40, 0.01, 600, 1.25
MODELS, MOST_SWEEP_SECONDS = 1000, 60
WAITED_MS = 1000.0  # added to each invocation: a start, and waiting for AWS, which answers at once here


def main(
    runs: Annotated[int, typer.Option(min=4, help="Runs of the retrain machine.")] = RUNS,
    models: Annotated[int, typer.Option(min=1, help="Models that are swept.")] = MODELS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Measure the way of a dataset."""
    found = played("runs", runs)
    rows = [{"scene": "path", **path.row()} for path in paths(found["states"])]
    swept = played("models", models)
    checks = [*promises(found, rows), *of_sweep(*swept)]
    finish([told(found), *rows, *swept], checks, as_json, show)


def played(scene: str, count: int) -> Any:
    """What benchmarks.line.<scene> prints, in a process of its own: its memory is its own."""
    command = [sys.executable, "-m", f"benchmarks.line.{scene}", str(count)]
    place = {"PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}", "PATH": os.defpath}
    print(f"{count} {scene} ...", file=sys.stderr, flush=True)
    done = subprocess.run(command, cwd=ROOT, env=place, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def told(found: dict[str, Any]) -> dict[str, Any]:
    """The scene's row, with what a run costs when each invocation takes WAITED_MS more than it works here."""
    invoked: dict[str, int] = found["invoked"]
    spent = {name: found["milliseconds"][name] + WAITED_MS * count for name, count in invoked.items()}
    costs = {
        "machines_usd": found["transitions"] * TRANSITION,
        "lambda_usd": lambda_usd(invoked, spent),
        "calls_usd": calls_usd(found["calls"]),
    }
    numbers = {name: value for name, value in found.items() if not isinstance(value, dict)}
    counts = {"invocations": sum(invoked.values()), "lambda_ms": sum(found["milliseconds"].values())}
    return {"scene": "runs", **numbers, **counts, **costs, "usd": sum(costs.values())}


def promises(found: dict[str, Any], rows: Sequence[dict[str, Any]]) -> list[Check]:
    polled = sum(row["polling_transitions"] for row in rows) / sum(row["transitions"] for row in rows)
    return [
        Check("runs that were not promoted", found["runs"] - found["promoted"], at_most=0),
        Check("transitions of a happy run", found["transitions"], at_most=MOST_TRANSITIONS),
        Check("control plane, US dollars a run", told(found)["usd"], at_most=MOST_USD),
        Check("peak memory of all runs in MB", found["peak_mb"], at_most=MOST_MEGABYTES),
        Check(
            "calls of the last runs over the first ones'",
            found["calls_last_over_first"],
            at_most=MOST_GROWTH,
        ),
        Check("transitions of polling every 30 s over ours", polled, at_least=5),
    ]


def of_sweep(few: dict[str, Any], many: dict[str, Any]) -> list[Check]:
    """few, many: the same models, with few and with many runs behind them."""
    calls = ("reads of the ledger", "writes to the ledger", "S3 reads", "calls of SageMaker")
    few_calls, many_calls = (sum(row.get(name, 0) for name in calls) for row in (few, many))
    return [
        Check(f"sweep of {many['models']:,} models, seconds", many["wall_s"], at_most=MOST_SWEEP_SECONDS),
        Check("calls of a sweep with four times the past, over", many_calls / few_calls, at_most=1.05),
        Check("things that a sweep of quiet models had to say", many["said"], at_most=0),
    ]


def show(rows: Sequence[dict[str, Any]], checks: Sequence[Check]) -> None:
    console = Console(highlight=False)
    for name, value in rows[0].items():
        console.print(f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}")
    for scene in ("path", "sweep"):
        some = [row for row in rows if row["scene"] == scene]
        table = Table(*(name for name in some[0] if name != "scene"))
        for row in some:
            values = [value for name, value in row.items() if name != "scene"]
            table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in values))
        console.print(table)
    console.print(table_of(checks))


if __name__ == "__main__":
    typer.run(main)

"""How much processor time each function takes to start, beside a typical one: `python -m benchmarks.lambda_start`.

A start is a new process that imports the handler and makes its clients; nothing is called. The typical function has
Powertools' logger and metrics and boto3's client of SageMaker. Three ratios a function:

- shipped: ours as `sam build` makes it, with bytecode, by the typical one as it makes that, from sources alone;
- bytecode: both with bytecode; sources: both without.

The four are started in turns, each round again; a ratio is the median of the rounds'. Exit code 1 when one is missed.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.checks import Check, finish
from benchmarks.lambda_start.stage import ROOT, Cold, Stage, build

console = Console(highlight=False, width=None if os.isatty(1) else 110)
HANDLERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
ROUNDS, MOST = 5, 0.55
Turn = tuple[Cold, Cold, Cold, Cold]


def main(
    python: Annotated[Path, typer.Option(help="The interpreter; it needs pip.")] = Path(sys.executable),
    rounds: int = ROUNDS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Start every function, with its clients, beside a typical one."""
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(build(Path(folder), python), HANDLERS, rounds)
    finish(rows, promises(rows), as_json, _print)


def measure(stage: Stage, handlers: Sequence[str], rounds: int) -> list[dict[str, Any]]:
    """One row a function."""
    turns: dict[str, list[Turn]] = {handler: [] for handler in handlers}
    for _ in range(rounds):
        for handler, taken in turns.items():
            taken.append(_turn(stage, handler))
    return [row(handler, taken) for handler, taken in turns.items()]


def _turn(stage: Stage, handler: str) -> Turn:
    return (
        stage.start(handler, stage.bytecode),
        stage.start(handler, stage.sources),
        stage.start_typical(stage.bytecode),
        stage.start_typical(stage.sources),
    )


def row(handler: str, turns: Sequence[Turn]) -> dict[str, Any]:
    def ratio(one: int, other: int) -> float:
        return statistics.median(turn[one].cpu_ms / turn[other].cpu_ms for turn in turns)

    return {
        "function": handler,
        "cpu_ms": statistics.median(turn[0].cpu_ms for turn in turns),
        "typical_cpu_ms": statistics.median(turn[3].cpu_ms for turn in turns),
        "modules": turns[0][0].modules,
        "shipped": ratio(0, 3),
        "bytecode": ratio(0, 2),
        "sources": ratio(1, 3),
    }


def promises(rows: Sequence[dict[str, Any]]) -> list[Check]:
    return [
        Check(
            f"{row['function']}: start as shipped, CPU over the typical function's",
            row["shipped"],
            at_most=MOST,
        )
        for row in rows
    ]


def _print(rows: Sequence[dict[str, Any]], checks: Sequence[Check]) -> None:
    table = Table(*rows[0], "", title=f"Starts; shipped must be <= {MOST}")
    for row, check in zip(rows, checks, strict=True):
        shown = (f"{value:.3g}" if isinstance(value, float) else str(value) for value in row.values())
        table.add_row(*shown, "pass" if check.passed else "[red]MISSED[/]")
    console.print(table)


if __name__ == "__main__":
    typer.run(main)

"""How much processor time each function takes to start, beside a typical one: `python -m benchmarks.lambda_start`.

A start is a new process that imports the handler and makes its clients; nothing is called. The typical function has
Powertools' logger and metrics and boto3's client of SageMaker. Three ratios a function:

- shipped: ours as `sam build` makes it, with bytecode, by the typical one as it makes that, from sources alone;
- bytecode: both with bytecode; sources: both without.

All are started in turns, each round again, what is shipped next to its peer; the two other comparisons promise nothing
and are made in fewer rounds. What is promised is the ratio of both sides' quietest starts of the same pairs: a start
does the same each time, and what disturbs one only adds to it. The others are the median of the rounds'. Exit code 1
when a promise is missed.
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
ROUNDS, MOST = 9, 0.55
ROUNDS_OF_OTHERS = 2
Turn = tuple[Cold, Cold]  # ours and the typical function


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
    shipped: dict[str, list[Turn]] = {handler: [] for handler in handlers}
    others: dict[str, list[Turn]] = {handler: [] for handler in handlers}
    for turn in range(rounds):
        for handler in handlers:
            shipped[handler].append(
                (stage.start(handler, stage.bytecode), stage.start_typical(stage.sources))
            )
            if turn < ROUNDS_OF_OTHERS:
                others[handler].append(
                    (stage.start(handler, stage.sources), stage.start_typical(stage.bytecode))
                )
    return [row(handler, shipped[handler], others[handler]) for handler in handlers]


def row(handler: str, shipped: Sequence[Turn], others: Sequence[Turn]) -> dict[str, Any]:
    """shipped: ours with bytecode and the typical one without. others: the other way round, of the first rounds."""
    ratios = [ours.cpu_ms / typical.cpu_ms for ours, typical in shipped]
    both = list(zip(shipped, others, strict=False))  # there are more of the former
    return {
        "function": handler,
        "cpu_ms": statistics.median(ours.cpu_ms for ours, _ in shipped),
        "typical_cpu_ms": statistics.median(typical.cpu_ms for _, typical in shipped),
        "modules": shipped[0][0].modules,
        "shipped": min(ours.cpu_ms for ours, _ in shipped) / min(typical.cpu_ms for _, typical in shipped),
        "middle": statistics.median(ratios),
        "least": min(ratios),
        "most": max(ratios),
        "bytecode": statistics.median(one[0].cpu_ms / other[1].cpu_ms for one, other in both),
        "sources": statistics.median(other[0].cpu_ms / one[1].cpu_ms for one, other in both),
    }


def promises(rows: Sequence[dict[str, Any]]) -> list[Check]:
    return [
        Check(
            f"{row['function']}: start as shipped, CPU over the typical function's",
            row["shipped"],
            at_most=MOST,
            spread=(row["least"], row["most"]),
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

"""The rollout decision, measured: errors, requests against Wald's bound, bursts, and how peers fare on the
same streams.
 `python benchmarks/rollout.py` prints tables, with --json one JSON object a row; exit code 1 when a promise
is missed. Ten thousand rollouts a cell take about three minutes on two idle cores.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.checks import Check, finish, table_of, upper_limit
from benchmarks.rollout_cells import ERRORS, cells, simulate
from benchmarks.rollout_laws import laws

Row = dict[str, Any]
console = Console(highlight=False, width=None if os.isatty(1) else 180)
TITLES = {
    "errors": "Both errors at every look (10,000 rollouts a row)",
    "sizes": "Large differences",
    "several": "Errors and latency together: every metric for promotion, the mean e-process for rollback",
    "bursts": "Bursts of one model, correlation estimated",
    "peers": "Peers on the same streams",
}


def main(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
    runs: Annotated[int, typer.Option(min=1_000, help="Rollouts a cell where errors are counted.")] = 10_000,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = min(2, os.cpu_count() or 1),
) -> None:
    """Measure everything that the rollout decision promises."""
    began = time.monotonic()
    rows, checks = measure(runs, workers, quiet=as_json)
    checks.append(Check("the whole benchmark: seconds", time.monotonic() - began, at_most=600))
    finish(rows, checks, as_json, _print)


def measure(runs: int, workers: int, *, quiet: bool) -> tuple[list[Row], list[Check]]:
    """(rows of all tables, promises)."""
    todo = cells(runs)
    rows: list[Row] = []
    with ProcessPoolExecutor(max_workers=workers) as pool:
        from_laws = pool.submit(laws)
        for found in track(pool.map(simulate, todo), "rollouts", len(todo), disable=quiet, console=console):
            rows += found
        checks = [*promises(rows), *from_laws.result()]
    rows.sort(key=lambda row: (list(TITLES).index(row["table"]), row["cell"]))
    return rows, checks


def promises(rows: list[Row]) -> Iterator[Check]:
    """The decision's promises, from the rows of our own rule."""
    ours = [row for row in rows if row["rule"] == "switchyard"]
    for row in ours:
        if row["table"] in ("errors", "several", "bursts"):
            yield from _errors(row)
    calm = [row for row in ours if row["table"] in ("errors", "sizes") and row["drift"] == "none"]
    yield from (_ratio(row, 1.25) for row in calm if row["ramp"] == "fixed" and row["margins"] <= 1)
    yield from (_ratio(row, 1.15) for row in calm if row["ramp"] == "time" and row["margins"] <= 1)
    yield from (_ratio(row, 1.5) for row in calm if row["margins"] == 2)
    yield from (_ratio(row, 2.0) for row in calm if row["margins"] == 8)
    for row in ours:
        if row["table"] == "errors" and row["ramp"] == "evidence" and row["margins"] == 1:
            yield Check(f"{row['cell']}: ever at 25 %", row["reached"][0], at_most=0.37)
            yield Check(f"{row['cell']}: ever at 50 %", row["reached"][1], at_most=0.14)
        if row["table"] == "sizes" and row["margins"] == 8 and row["setting"] == ERRORS.name:
            yield Check(f"{row['cell']}: 5x errors, challenger requests", row["mean_challenger"], at_most=150)
    yield from _peer_promises(rows)


def _errors(row: Row) -> Iterator[Check]:
    at_margin = row["worst"] == 1
    title = f"{row['cell']}: false {'promotions' if at_margin else 'rollbacks'}"
    share = row["promoted"] if at_margin else row["rolled_back"]
    yield Check(title, share, at_most=0.05)
    yield Check(f"{title}, upper 99 % limit", upper_limit(share, row["runs"]), at_most=0.055)


def _ratio(row: Row, limit: float) -> Check:
    return Check(f"{row['cell']}: mean requests / Wald", row["wald_ratio"], at_most=limit)


def _peer_promises(rows: Iterable[Row]) -> Iterator[Check]:
    """That the comparison is one: at the margin, with a fixed split, threshold rules and peeking promote too often."""
    for row in rows:
        if row["table"] != "peers" or row["margins"] != 1 or row["setting"] != ERRORS.name:
            continue
        if row["rule"] in ("Flagger", "Argo Rollouts", "peeking z") and row["ramp"] == "fixed":
            yield Check(f"{row['cell']}: {row['rule']} promotes", row["promoted"], at_least=0.19)


def _print(rows: list[Row], checks: list[Check]) -> None:
    for kind, title in TITLES.items():
        table = Table(
            "cell",
            "rule",
            "promoted",
            "rolled back",
            "mean",
            "90 %",
            "challenger",
            "x Wald",
            "x nats",
            title=title,
        )
        for row in rows:
            if row["table"] == kind:
                table.add_row(*_cells(row))
        console.print(table)
    console.print(table_of(sorted(checks, key=lambda check: check.passed)))
    console.print(f"{sum(check.passed for check in checks)} of {len(checks)} promises hold")


def _cells(row: Row) -> tuple[str, ...]:
    shares = (f"{100 * row[name]:.2f} %" for name in ("promoted", "rolled_back"))
    counts = (f"{row[name]:,.0f}" for name in ("mean_requests", "p90_requests", "mean_challenger"))
    return row["cell"], row["rule"], *shares, *counts, f"{row['wald_ratio']:.3f}", f"{row['nats_ratio']:.3f}"


if __name__ == "__main__":
    typer.run(main)

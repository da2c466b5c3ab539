"""The local SageMaker, measured: what its router costs, whether it loses requests, how it queues, what idling costs.
 `python -m benchmarks.plane` prints tables, with --json one JSON object a row; exit code 1 when a promise is
missed. It starts its own plane and its own S3 on free ports of 127.0.0.1, takes a few minutes, and stops all it
started. The router is measured in turns with the container itself, on the same machine in the same minute.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks import plane_scenes as scenes
from benchmarks.checks import Check, finish, table_of
from benchmarks.plane_stage import Stage, stage, store

console = Console(highlight=False, width=None if os.isatty(1) else 140)
ON_STAGE: dict[str, Callable[[Stage], scenes.Found]] = {
    "router": scenes.router,
    "split": scenes.split,
    "changes": scenes.changes,
    "queue": scenes.queue,
}


def main(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="A scene; may be repeated.")] = None,
    requests: Annotated[int, typer.Option(help="Of the scene `changes`.", min=1)] = scenes.CHANGING_REQUESTS,
) -> None:
    """Measure everything that the local SageMaker promises."""
    chosen = only or [*ON_STAGE, "idle"]
    if unknown := set(chosen) - {*ON_STAGE, "idle"}:
        raise typer.BadParameter(
            f"no scene is called {', '.join(unknown)}; there are {', '.join([*ON_STAGE, 'idle'])}"
        )
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, store(Path(folder) / "aws") as store_url:
        rows, checks = measure(chosen, Path(folder), store_url, requests)
    checks.append(Check("the whole benchmark: seconds", time.monotonic() - began, at_most=600))
    finish(rows, checks, as_json, _print)


def measure(chosen: list[str], folder: Path, store_url: str, requests: int) -> scenes.Found:
    """Each scene on a plane of its own: the memory and the processes of one are not the next one's."""
    rows: list[dict[str, Any]] = [{"scene": "machine", "cores": os.cpu_count(), "load": os.getloadavg()[0]}]
    checks: list[Check] = []
    on_stage = {**ON_STAGE, "changes": partial(scenes.changes, requests=requests)}
    for name in chosen:
        if name in on_stage:
            with stage(folder / name, store_url) as there:
                found = on_stage[name](there)
        else:
            found = scenes.idle(folder / name, store_url)
        rows += found[0]
        checks += found[1]
    return rows, checks


def _print(rows: list[dict[str, Any]], checks: list[Check]) -> None:
    for row in rows:
        figures = (f"{key} {_short(value)}" for key, value in row.items() if key != "scene" and value)
        console.print(f"[bold]{row['scene']}[/]: {', '.join(figures)}")
    console.print(table_of(checks))
    console.print(f"{sum(check.passed for check in checks)} of {len(checks)} promises hold")


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    typer.run(main)

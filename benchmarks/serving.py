"""The serving container beside its floor: the same server whose engine answers a constant.

`python -m benchmarks.serving` prints tables, with --json one JSON object a row; exit code 1 when a promise is missed.
`--python` names an interpreter with requirements/container.txt, and may be repeated: figures are promised on 3.11
and on 3.12. Servers are asked in turns, in rounds; what is compared is the median of each, CPU time before all.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.checks import Check, finish, table_of
from benchmarks.serving_models import MIXED, NUMBERS, TEXTS, Trained, train
from benchmarks.serving_stage import ROOT, Server, server

console = Console(highlight=False, width=None if os.isatty(1) else 140)
SERVE, FLOOR = ROOT / "container/bin/serve", Path(__file__).with_name("serving_floor.py")
ROUNDS, SECONDS, CONNECTIONS = 3, 2.0, 8
_CONTAINER = ROOT / ".venvs/container/bin/python"


def main(
    python: Annotated[list[Path] | None, typer.Option(help="An interpreter; may be repeated.")] = None,
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Measure single rows and batches of the container on each interpreter."""
    rows: list[dict[str, Any]] = []
    checks: list[Check] = []
    for interpreter in python or [_CONTAINER]:
        found = measure(interpreter, rounds, seconds)
        rows += found
        checks += promises(found)
    finish(rows, checks, as_json, _print)


def measure(python: Path, rounds: int, seconds: float) -> list[dict[str, Any]]:
    """One row a contender and size of request."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        tables = {"numbers": NUMBERS, "texts": TEXTS, "mixed": MIXED}
        models = {name: train(python, Path(folder) / name, kinds) for name, kinds in tables.items()}
        contenders = _contenders(stack, python, models)
        asked = [(*contender, count) for count in (1, 1000) for contender in contenders]
        samples: list[list[dict[str, Any]]] = [[] for _ in asked]
        for _ in range(rounds):
            for (_, running, model, count), taken in zip(asked, samples, strict=True):
                taken.append(running.ask(model.body(count), CONNECTIONS, seconds))
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.split()[1]
    return [
        {
            "python": version,
            "server": name,
            "rows": count,
            "start_cpu_s": running.start_cpu_seconds,
            **_medians(taken),
        }
        for (name, running, _, count), taken in zip(asked, samples, strict=True)
    ]


def _contenders(
    stack: ExitStack, python: Path, models: dict[str, Trained]
) -> list[tuple[str, Server, Trained]]:
    def start(
        name: str, table: str, *program: str | Path, engine: str = "auto"
    ) -> tuple[str, Server, Trained]:
        model = models[table]
        given = {"SAGEMAKER_BASE_DIR": str(model.base), "SERVE_ENGINE": engine}
        return name, stack.enter_context(server([python, *program], given)), model

    return [
        start("floor", "numbers", FLOOR, "constant"),
        start("bare HTTP", "numbers", FLOOR, "bare"),
        start("container", "numbers", SERVE),
        start("XGBoost's engine", "numbers", SERVE, engine="xgboost"),
        start("texts", "texts", SERVE),
        start("every kind", "mixed", SERVE),
    ]


def _medians(samples: list[dict[str, Any]]) -> dict[str, float]:
    return {
        key: statistics.median(each[key] for each in samples) for key in ("rps", "cpu_us", "p50_ms", "p99_ms")
    }


def promises(rows: list[dict[str, Any]]) -> list[Check]:
    """What must hold of one interpreter's rows."""
    by = {(row["server"], row["rows"]): row for row in rows}

    def ratio(one: str, other: str, count: int) -> float:
        return float(by[one, count]["cpu_us"] / by[other, count]["cpu_us"])

    python, start = rows[0]["python"], by["container", 1]["start_cpu_s"]
    return [
        Check(f"{python}: one row, CPU over the floor's", ratio("container", "floor", 1), at_most=2.0),
        Check(
            f"{python}: one row with texts, CPU over numbers'", ratio("texts", "container", 1), at_most=1.3
        ),
        Check(f"{python}: start to first ping, CPU seconds", start, at_most=1.0),
    ]


def _print(rows: list[dict[str, Any]], checks: list[Check]) -> None:
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row.values()))
    console.print(table)
    console.print(table_of(checks))


if __name__ == "__main__":
    typer.run(main)

"""`make demo` on built environments, and where the time of its second dataset went: `python -m benchmarks.line.demo`.

On a stack of its own, which is begun from nothing and gone afterwards. Prints tables, with --json one JSON object a
row; exit code 1 when a promise is missed. Seconds are by the clock, of a machine that does nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.checks import Check, finish, show
from cli.demo.story import MAX_TRANSITIONS, MEASURED_ACT

ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS = 60.0


def main(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False) -> None:
    """Play the demo, and split the time of its second dataset by cause."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            began = time.monotonic()
            datasets = json.loads(_said(folder, "cli.main", "demo"))["datasets"]
            seconds = time.monotonic() - began
            causes = _said(folder, "benchmarks.line.stack", "--run", MEASURED_ACT)
        finally:
            _said(folder, "cli.main", "down", "--purge")
    rows = [{"scene": "cause", **json.loads(line)} for line in causes.splitlines()]
    finish([*map(_row, datasets), *rows], promises(seconds, datasets), as_json, _show)


def promises(seconds: float, datasets: Sequence[Mapping[str, Any]]) -> list[Check]:
    """datasets: as `switchyard demo --json` tells them."""
    [measured] = [each for each in datasets if each["dataset"] == f"{MEASURED_ACT}.csv"]
    return [
        Check("the demo on built environments, seconds", seconds, at_most=MOST_SECONDS),
        Check(
            "datasets that ended otherwise",
            sum(each["state"] != each["expected"] for each in datasets),
            at_most=0,
        ),
        Check(
            "requests that a rollout step failed",
            sum(each["errors_by_rollout"] for each in datasets),
            at_most=0,
        ),
        Check("transitions of the run that is promoted", measured["transitions"], at_most=MAX_TRANSITIONS),
    ]


def _row(dataset: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("dataset", "state", "seconds", "transitions", "requests", "errors_by_rollout")
    return {"scene": "dataset", **{name: dataset[name] for name in kept}}


def _said(folder: str, module: str, *arguments: str) -> str:
    """What a command answers of the stack in this folder. A demo that did not go as it must answers, too."""
    place = os.environ | {"SWITCHYARD_HOME": folder, "PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}"}
    command = [sys.executable, "-m", module, *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=place, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout:
        raise RuntimeError(f"{module} answered nothing: exit code {done.returncode}; its error stands above")
    return done.stdout


def _show(rows: Sequence[dict[str, Any]], checks: Sequence[Check]) -> None:
    for scene in ("dataset", "cause"):
        show([row for row in rows if row["scene"] == scene], checks if scene == "cause" else ())


if __name__ == "__main__":
    typer.run(main)

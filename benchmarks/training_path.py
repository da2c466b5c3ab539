"""From a CSV file to a model: the container's `train` beside pandas.read_csv and a DMatrix, same file, same rounds.

`python -m benchmarks.training_path` writes the file, trains by both in turns, and compares CPU time, user and system,
and peak memory of the whole process. Both wait without spinning for a core that others have, which would count as work
otherwise. Exit code 1 when a promise is missed.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.checks import Check, finish, middle, show
from benchmarks.memory import starter

ROOT = Path(__file__).resolve().parents[1]
ROWS, COLUMNS, BOOSTS, ROUNDS, DISTINCT = 1_000_000, 30, 100, 5, 50_000
EACH = "cpu_s_of_each_round"
CONTAINER, PANDAS = "container", "pandas + DMatrix"
_WITH_PANDAS = """
import json, sys
import pandas, xgboost
told = json.load(open(sys.argv[1]))
rounds = int(told.pop("num_round"))
table = pandas.read_csv(sys.argv[2], header=None)
matrix = xgboost.DMatrix(table.iloc[:, 1:], label=table.iloc[:, 0])
xgboost.train({**told, "seed": 0}, matrix, rounds, evals=[(matrix, "train")]).save_model(sys.argv[3])
"""


def main(
    rows: int = ROWS,
    boosts: Annotated[int, typer.Option(help="Rounds of boosting.")] = BOOSTS,
    rounds: Annotated[int, typer.Option(help="How often each trains.")] = ROUNDS,
    container: Annotated[Path, typer.Option(help="requirements/container.txt")] = ROOT
    / ".venvs/container/bin/python",
    peers: Annotated[Path, typer.Option(help="requirements/peers.txt")] = ROOT / ".venvs/peers/bin/python",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Train by both, in turns."""
    if not peers.exists():
        raise typer.BadParameter(f"{peers} is missing: `make peers` builds it from requirements/peers.txt")
    found = measure(container, peers, rows, boosts, rounds)
    rows_shown = [{name: each for name, each in row.items() if name != EACH} for row in found]
    finish(rows_shown, promises(found), as_json, show)


def measure(container: Path, peers: Path | None, rows: int, boosts: int, rounds: int) -> list[dict[str, Any]]:
    """One row a way."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        told, table = _stage(base, rows, boosts)
        ways: dict[str, list[str | Path]] = {CONTAINER: [container, ROOT / "container/bin/train"]}
        if peers:
            ways[PANDAS] = [peers, "-c", _WITH_PANDAS, told, table, base / "pandas.ubj"]
        taken: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for turn in range(rounds):
            for way, command in ways.items():
                taken[way].append(_run(command, base))
                print(
                    f"round {turn + 1} of {rounds}: {way}, {taken[way][-1][0]:.1f} s of CPU", file=sys.stderr
                )
        return [_row(way, rows, runs) for way, runs in taken.items()]


def _stage(base: Path, rows: int, boosts: int) -> tuple[Path, Path]:
    """Hyperparameters and the file: at most 50,000 different rows, again and again, for what is measured is reading."""
    told, table = base / "input/config/hyperparameters.json", base / "input/data/train/rows.csv"
    for path in (told, table):
        path.parent.mkdir(parents=True)
    hyperparameters = {
        "objective": "binary:logistic",
        "max_depth": 6,
        "num_round": boosts,
        "tree_method": "hist",
    }
    told.write_text(json.dumps({key: str(value) for key, value in hyperparameters.items()}))
    lines = _lines(min(rows, DISTINCT))
    with table.open("w") as file:
        for written in range(0, rows, len(lines)):
            file.writelines(lines[: rows - written])
    return told, table


def _lines(count: int) -> list[str]:
    draw, lines = random.Random(1), []
    for _ in range(count):
        features = [draw.gauss(0, 1) for _ in range(COLUMNS)]
        label = int(features[0] + features[1] ** 2 - features[2] + draw.gauss(0, 1) > 1)
        lines.append(f"{label}," + ",".join(f"{value:.6f}" for value in features) + "\n")
    return lines


def _run(command: Sequence[str | Path], base: Path) -> tuple[float, float]:
    """CPU seconds and peak megabytes of a process, which must end well."""
    told = {"PATH": os.defpath, "SAGEMAKER_BASE_DIR": str(base), "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(
        starter(command), env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"training failed: {done.stdout[-1500:]}")
    cpu, peak = map(float, done.stdout.splitlines()[-1].split())
    return cpu, peak


def _row(way: str, rows: int, runs: Sequence[tuple[float, float]]) -> dict[str, Any]:
    cpu, memory = (statistics.median(each) for each in zip(*runs, strict=True))
    return {"way": way, "rows": rows, "cpu_s": cpu, "peak_mb": memory, EACH: [cpu for cpu, _ in runs]}


def promises(rows: Sequence[dict[str, Any]]) -> list[Check]:
    ours, pandas = rows
    ratios = [own / theirs for own, theirs in zip(ours[EACH], pandas[EACH], strict=True)]
    return [
        middle("training, CPU over pandas + DMatrix's", ratios, at_most=1.0),
        Check(
            "training, peak memory over pandas + DMatrix's", ours["peak_mb"] / pandas["peak_mb"], at_most=0.7
        ),
    ]


if __name__ == "__main__":
    typer.run(main)

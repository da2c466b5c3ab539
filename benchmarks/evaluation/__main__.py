"""A file of a label and two models' scores: `cli.scores.score_files` beside pandas and scikit-learn.

`python -m benchmarks.evaluation` prints a table, with --json one JSON object a row; exit code 1 for a missed promise.
Each evaluation is a process of its own, the two in turns; CPU time is that of reading and of all figures, without the
imports. Where the peer takes ten times as long, ours runs before and after it, and the middle one counts. The peer is
.venvs/peers (`make peers`).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.checks import Check, finish, show
from benchmarks.evaluation.tables import FORMS, PROBLEMS, write

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".venvs/peers/bin/python"
ROWS, SMALL_CHUNK = 10_000_000, 50_000
ROUNDS = {"regression": 7}  # which is short on both sides; else one
AGAIN, AGAIN_OTHERWISE = {"regression": 0}, 2  # how often ours runs after the peer, too
LEAST_CPU, MOST_MEMORY = 6.0, 0.35
Turn = tuple[dict[str, Any], dict[str, Any]]  # ours and the peer's
NO_DEARER = 1.0  # of regression, instead of 6: decision 0027


def main(
    rows: int = ROWS,
    rounds: Annotated[int, typer.Option(help="Without it one, and of regression seven.")] = 0,
    problem: Annotated[
        list[str] | None, typer.Option(help="Repeat for several; without it all three.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Evaluate scores of two classes, three classes and numbers, each as CSV, gzip and Parquet."""
    chosen = problem or PROBLEMS
    found = [row for each in chosen for row in measure(each, rows, rounds or ROUNDS.get(each, 1))]
    finish(found, promises(found), as_json, show)


def measure(problem: str, rows: int, rounds: int = 1, peers: Path = PEERS) -> list[dict[str, Any]]:
    """One row a form of the file."""
    if not peers.exists():
        raise FileNotFoundError(f"{peers} is not there. Next: make peers")
    ours, peer = (
        [sys.executable, "-m", "benchmarks.evaluation.ours"],
        [peers, "-m", "benchmarks.evaluation.peer"],
    )
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for form, path in write(Path(folder), problem, rows).items():
            print(f"{problem}, {form}, {rows:,} rows ...", file=sys.stderr, flush=True)
            turns = [turn for _ in range(rounds) for turn in _round(ours, peer, path, problem)]
            chunks = _taken(ours, path, problem, str(SMALL_CHUNK)) if form == FORMS[0] else turns[0][0]
            found.append({"problem": problem, "form": form, "rows": rows} | compared(turns, chunks))
    return found


def _round(ours: list[Any], peer: list[Any], path: Path, problem: str) -> list[Turn]:
    """Each run of ours with the peer's one."""
    before, theirs = _taken(ours, path, problem), _taken(peer, path, problem)
    after = [_taken(ours, path, problem) for _ in range(AGAIN.get(problem, AGAIN_OTHERWISE))]
    return [(one, theirs) for one in (before, *after)]


def _taken(program: list[Any], path: Path, *more: str) -> dict[str, Any]:
    place = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}"}
    told = subprocess.run([*program, path, *more], env=place, cwd=ROOT, capture_output=True, text=True)
    if told.returncode:
        raise RuntimeError(
            f"{program[-1]} of {path.name} ended with {told.returncode}: {told.stderr[-2000:]}"
        )
    return dict(json.loads(told.stdout))


def compared(turns: list[Turn], chunks: dict[str, Any]) -> dict[str, Any]:
    ours, peer = turns[0]
    same = {name: value for name, value in peer["figures"].items() if not name.startswith("auc")}
    areas = [name for name in peer["figures"] if name.startswith("auc")]
    ratios = [other["cpu_s"] / one["cpu_s"] for one, other in turns]
    return {
        "cpu_s": statistics.median(one["cpu_s"] for one, _ in turns),
        "peer_cpu_s": statistics.median(other["cpu_s"] for _, other in turns),
        "less_cpu": statistics.median(ratios),
        "least": min(ratios),
        "most": max(ratios),
        "peak_mb": ours["peak_mb"],
        "memory": statistics.median(one["peak_mb"] / other["peak_mb"] for one, other in turns),
        "figures": len(same),
        "apart": max(abs(ours["figures"][name] - value) for name, value in same.items()),
        "area_over_bound": max(
            (_apart(name, ours, peer) / ours["hidden"][name.split()[0]] for name in areas), default=0.0
        ),
        "chunks_apart": max(abs(chunks["figures"][name] - value) for name, value in ours["figures"].items()),
    }


def _apart(name: str, ours: dict[str, Any], peer: dict[str, Any]) -> float:
    return float(abs(ours["figures"][name] - peer["figures"][name]))


def promises(rows: list[dict[str, Any]]) -> list[Check]:
    """What must hold of each problem and form."""
    checks = []
    for row in rows:
        name = f"{row['problem']}, {row['form']}"
        checks += [
            _cheap(name, row),
            Check(f"{name}: memory over the peer's", row["memory"], at_most=MOST_MEMORY),
            *exact(row),
        ]
    return checks


def _cheap(name: str, row: dict[str, Any]) -> Check:
    spread = (row["least"], row["most"]) if row["least"] < row["most"] else None
    if row["problem"] != "regression":
        return Check(f"{name}: times less CPU", row["less_cpu"], at_least=LEAST_CPU, spread=spread)
    words = f"{name}: times less CPU ({LEAST_CPU:g} is out of reach: decision 0027)"
    return Check(words, row["less_cpu"], at_least=NO_DEARER, spread=spread)


def exact(row: dict[str, Any]) -> list[Check]:
    """What holds of any number of rows."""
    name = f"{row['problem']}, {row['form']}"
    return [
        Check(f"{name}: {row['figures']} figures, farthest apart", row["apart"], at_most=5e-10),
        Check(f"{name}: areas apart, over the bound that is printed", row["area_over_bound"], at_most=1.0),
        Check(f"{name}: small chunks merged from one pass", row["chunks_apart"], at_most=5e-10),
    ]


if __name__ == "__main__":
    typer.run(main)

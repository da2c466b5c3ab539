"""A model of many megabytes, packed to model.tar.gz and unpacked: the local SageMaker's way beside Python's tarfile.

`python -m benchmarks.artifacts` prints a table, with --json one JSON object a row; exit code 1 for a missed promise.
The model is three fifths weights (32-bit floats of a normal law), a fifth JSON as XGBoost writes it, a fifth quantised
weights of 4 bits in bytes. Each step is a process of its own, the ways in turns. Figures are those of the quietest
round: work of others, and a disk that they keep busy, cost CPU too, and never make a step cheaper.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.checks import Check, finish, show

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES, ROUNDS, PIECE = 500, 3, 2**20
LEAST_PACK, LEAST_UNPACK, MOST_MEGABYTES = 6.0, 1.8, 200


def main(
    megabytes: int = MEGABYTES,
    rounds: int = ROUNDS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Pack and unpack a model in both ways."""
    rows = measure(megabytes, rounds)
    finish(rows, promises(rows), as_json, show)


def measure(megabytes: int, rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """One row a step."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        write(place / "model", megabytes)
        expected = digest(place / "model")
        turns: list[dict[tuple[str, str], dict[str, float]]] = []
        for number in range(rounds):
            turns.append({})
            for way in ("plane", "tarfile"):
                archive, out = place / f"{way}.tar.gz", place / f"{way}-{number}"
                turns[-1][way, "pack"] = _taken(way, "pack", place / "model", archive)
                turns[-1][way, "unpack"] = _taken(way, "unpack", out, archive)
                if digest(out) != expected:
                    raise RuntimeError(f"{way}: what was unpacked is not what was packed")
        return [_row(step, turns) for step in ("pack", "unpack")]


def write(folder: Path, megabytes: int) -> None:
    """The same bytes in every call of one size."""
    folder.mkdir()
    chance = np.random.default_rng(megabytes)
    with (folder / "weights.bin").open("wb") as file:
        for _ in range(megabytes * 3 // 5):
            file.write(chance.standard_normal(PIECE // 4).astype(np.float32).tobytes())
    with (folder / "quantised.bin").open("wb") as file:
        for _ in range(megabytes // 5):
            file.write(chance.integers(0, 16, PIECE, np.uint8).tobytes())
    with (folder / "model.json").open("wb") as file:
        for _ in range(megabytes // 5):
            file.write(_trees(chance))


def _trees(chance: Any) -> bytes:
    numbers = np.char.mod("%.7E", chance.standard_normal(PIECE // 15 + 1))
    return (",".join(numbers.tolist()) + ",").encode()[:PIECE]


def digest(folder: Path) -> str:
    """Of names and contents."""
    found = sha256()
    for path in sorted(folder.rglob("*")):
        found.update(path.name.encode())
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                found.update(piece)
    return found.hexdigest()


def _taken(way: str, step: str, folder: Path, archive: Path) -> dict[str, float]:
    os.sync()  # what was written before is not written during this step
    command = [sys.executable, "-m", "benchmarks.artifacts.stage", way, step, folder, archive]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(told.stdout))


def _row(step: str, turns: list[dict[tuple[str, str], dict[str, float]]]) -> dict[str, Any]:
    ours, other = ([turn[way, step] for turn in turns] for way in ("plane", "tarfile"))
    ratios = [there["cpu_s"] / here["cpu_s"] for here, there in zip(ours, other, strict=True)]
    quietest = [min(each["cpu_s"] for each in taken) for taken in (ours, other)]
    return {
        "step": step,
        "cpu_s": quietest[0],
        "tarfile_cpu_s": quietest[1],
        "less_cpu": quietest[1] / quietest[0],
        "least": min(ratios),
        "most": max(ratios),
        "peak_mb": max(each["peak_mb"] for each in ours),
        "archive_mb": ours[0]["archive_mb"],
        "tarfile_mb": other[0]["archive_mb"],
    }


def promises(rows: list[dict[str, Any]]) -> list[Check]:
    """What must hold of packing and of unpacking."""
    least = {"pack": LEAST_PACK, "unpack": LEAST_UNPACK}
    checks = [
        Check(f"{row['step']}: times less CPU", row["less_cpu"], at_least=least[row["step"]]) for row in rows
    ]
    checks += [
        Check(f"{row['step']}: peak memory in MB", row["peak_mb"], at_most=MOST_MEGABYTES) for row in rows
    ]
    return [
        *checks,
        Check("size over tarfile's", rows[0]["archive_mb"] / rows[0]["tarfile_mb"], at_most=1.05),
    ]


if __name__ == "__main__":
    typer.run(main)

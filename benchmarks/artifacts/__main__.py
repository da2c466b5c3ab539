"""A model of many megabytes, packed to model.tar.gz and unpacked: the local SageMaker's way beside Python's tarfile.

`python -m benchmarks.artifacts` prints a table, with --json one JSON object a row; exit code 1 for a missed promise.
The model is three fifths weights (32-bit floats of a normal law), a fifth JSON as XGBoost writes it, a fifth quantised
weights of 4 bits in bytes. Each step is a process of its own, the ways in turns, first now one and now the other.
Figures are those of the quietest round: work of others, and a disk that they keep busy, cost CPU too, and never make a
step cheaper. What is short, unpacking, has more rounds, and each leaves its memory to the next: where outputs were kept
the kernel took 1.0 s instead of 0.3 s to find pages for the next one, of both ways.

Inflating alone, with nothing written, is the floor of unpacking: no library that streams does it in less than ISA-L,
and the kernel's part of writing the files is the same for both ways.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
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
UNPACKED = 4  # times in each round
WAYS = ("plane", "tarfile")
Turn = dict[str, dict[str, float]]  # what each way took
LEAST, MOST_MEGABYTES = {"pack": 6.0, "unpack": 1.8}, 200


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
        packed, unpacked, inflated = list[Turn](), list[Turn](), list[Turn]()
        for number in range(rounds):
            packed.append({way: _taken(way, "pack", place / "model", place / way) for way in _order(number)})
            for again in range(UNPACKED):
                inflated.append(
                    {way: _taken(way, "inflate", place / "none", place / way) for way in _order(again)}
                )
                unpacked.append({way: _unpacked(way, place, expected) for way in _order(again)})
        return [_row("pack", packed), _row("unpack", unpacked), _row("inflate", inflated)]


def _order(number: int) -> tuple[str, ...]:
    return WAYS[:: -1 if number % 2 else 1]


def _unpacked(way: str, place: Path, expected: str) -> dict[str, float]:
    out = place / "unpacked"
    taken = _taken(way, "unpack", out, place / way)
    if digest(out) != expected:
        raise RuntimeError(f"{way}: what was unpacked is not what was packed")
    shutil.rmtree(out)
    return taken


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


def _row(step: str, turns: list[Turn]) -> dict[str, Any]:
    ours, other = ([turn[way] for turn in turns] for way in WAYS)
    ratios = [there["cpu_s"] / here["cpu_s"] for here, there in zip(ours, other, strict=True)]
    quietest = [min(each["cpu_s"] for each in taken) for taken in (ours, other)]
    return {
        "step": step,
        "rounds": len(turns),
        "cpu_s": quietest[0],
        "tarfile_cpu_s": quietest[1],
        "less_cpu": quietest[1] / quietest[0],
        "least": min(ratios),
        "middle": statistics.median(ratios),
        "most": max(ratios),
        "peak_mb": max(each["peak_mb"] for each in ours),
        "archive_mb": ours[0]["archive_mb"],
        "tarfile_mb": other[0]["archive_mb"],
    }


def promises(rows: list[dict[str, Any]]) -> list[Check]:
    """What must hold of packing and of unpacking."""
    held = {row["step"]: row for row in rows if row["step"] in LEAST}
    checks = [
        Check(f"{step}: times less CPU", row["less_cpu"], at_least=LEAST[step]) for step, row in held.items()
    ]
    checks += [
        Check(f"{step}: peak memory in MB", row["peak_mb"], at_most=MOST_MEGABYTES)
        for step, row in held.items()
    ]
    return [
        *checks,
        Check("size over tarfile's", rows[0]["archive_mb"] / rows[0]["tarfile_mb"], at_most=1.05),
    ]


if __name__ == "__main__":
    typer.run(main)

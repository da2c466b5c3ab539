"""Writes two datasets, their holdout and live.csv: `python examples/evaluate-distributed/data.py /tmp/data`."""

import random
import sys
from pathlib import Path

SEED = 11
HOLDOUT, FIRST, SECOND, LIVE = 40_000, 6_000, 9_000, 500


def points(dice: random.Random, rows: int) -> str:
    """A point in the unit square, the region it comes from, and the side of a line; one in ten is on the wrong one."""
    lines = ["x,y,region,side"]
    for _ in range(rows):
        x, y = dice.random(), dice.random()
        side = int((x + y > 1) != (dice.random() < 0.1))
        lines.append(f"{x:.4f},{y:.4f},{dice.randrange(4)},{side}")
    return "\n".join([*lines, ""])


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(SEED)  # noqa: S311 repeatable points, not secrets
    (folder / "holdout.csv").write_text(points(dice, HOLDOUT))
    (folder / "first.csv").write_text(points(dice, FIRST))
    (folder / "second.csv").write_text(points(dice, SECOND))
    requests = [point.rpartition(",")[0] for point in points(dice, LIVE).splitlines()[1:]]
    (folder / "live.csv").write_text("\n".join([*requests, ""]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Writes holdout.csv (clean), first.csv and second.csv (raw) to a folder: `python examples/spark/data.py /tmp/raw`.

The raw files have what raw files have: repeated rows, empty fields, text among numbers, labels that are missing.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from cli.rows.samples import breast_cancer

SEED = 11


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = breast_cancer()
    (folder / "holdout.csv").write_bytes(rows.csv(0, 200))
    for name, last in (("first", 350), ("second", 569)):
        header, *lines = rows.csv(200, last).decode().splitlines()
        (folder / f"{name}.csv").write_text("\n".join([header, *spoiled(lines), ""]))


def spoiled(lines: list[str]) -> Iterator[str]:
    """The rows, and among them what has to go again."""
    draw = random.Random(SEED)  # noqa: S311 - repeatable dirt
    for line in lines:
        label, *features = line.split(",")
        fate = draw.random()
        at = draw.randrange(len(features))
        yield " " + line if fate < 0.1 else line
        if fate < 0.05:
            yield line  # came twice
        elif fate < 0.1:
            yield ",".join([label, *features[:at], "n/a", *features[at + 1 :]])
        elif fate < 0.15:
            yield ",".join(["", *features])
        elif fate < 0.2:
            yield ",".join([label, *features[:at], "", *features[at + 1 :]])


if __name__ == "__main__":
    main(Path(sys.argv[1]))

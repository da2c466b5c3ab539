"""Writes first.csv, second.csv and live.csv to a folder: `python examples/penguins/data.py /tmp/penguins`."""

import csv
import random
import sys
from pathlib import Path

from cli.rows.packaged import as_csv, packaged, without

TARGET = "species"


def main(folder: Path) -> None:
    with packaged("palmerpenguins/data/penguins.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    random.Random(7).shuffle(rows)  # noqa: S311 a repeatable shuffle, not a secret
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "first.csv").write_text(as_csv(rows[: len(rows) // 2]))
    (folder / "second.csv").write_text(as_csv(rows))
    (folder / "live.csv").write_text("\n".join(without(TARGET, rows)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Writes first.csv to a folder: `python examples/own-answers/data.py /tmp/penguins`. The rows are those of penguins."""

import csv
import random
import sys
from pathlib import Path

from cli.rows.packaged import as_csv, packaged


def main(folder: Path) -> None:
    with packaged("palmerpenguins/data/penguins.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    random.Random(7).shuffle(rows)  # noqa: S311 a repeatable shuffle, not a secret
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "first.csv").write_text(as_csv(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

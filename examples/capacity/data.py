"""Writes holdout.csv and first.csv to a folder: `python examples/capacity/data.py /tmp/capacity`."""

import sys
from pathlib import Path

from cli.rows.samples import breast_cancer


def main(folder: Path) -> None:
    breast_cancer().write(folder, {"holdout.csv": (0, 200), "first.csv": (200, 569)})


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Writes holdout.csv and a dataset in two files, part-0.csv and part-1.csv, to a folder:
`python examples/folder-drop/data.py /tmp/parts`.
"""

import sys
from pathlib import Path

from cli.rows.samples import breast_cancer


def main(folder: Path) -> None:
    breast_cancer().write(
        folder, {"holdout.csv": (0, 200), "part-0.csv": (200, 400), "part-1.csv": (400, 569)}
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

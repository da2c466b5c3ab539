"""Writes holdout.csv and a dataset in two files, part-0.csv and part-1.csv, to a folder:
`python examples/folder-drop/data.py /tmp/parts`.
"""

import sys
from pathlib import Path

from cli.rows.samples import breast_cancer


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = breast_cancer()
    (folder / "holdout.csv").write_bytes(rows.csv(0, 200))
    (folder / "part-0.csv").write_bytes(rows.csv(200, 400))
    (folder / "part-1.csv").write_bytes(rows.csv(400, 569))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

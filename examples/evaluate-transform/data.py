"""Writes holdout.csv, first.csv and second.csv (more rows): `python examples/evaluate-transform/data.py /tmp/data`."""

import sys
from pathlib import Path

from cli.rows.samples import breast_cancer


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = breast_cancer()
    (folder / "holdout.csv").write_bytes(rows.csv(0, 200))
    (folder / "first.csv").write_bytes(rows.csv(200, 400))
    (folder / "second.csv").write_bytes(rows.csv(200, 569))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Writes first.csv (a dataset) and live.csv (requests): `python examples/run-by-hand/data.py /tmp/apples`."""

import sys
from pathlib import Path

from cli.demo.apples import pick, to_csv, to_requests


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "first.csv").write_bytes(to_csv(pick(2000, seed=1)))
    (folder / "live.csv").write_bytes(to_requests(pick(500, seed=2)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

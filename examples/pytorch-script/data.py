"""Writes holdout.csv, first.csv and second.csv to a folder: `python examples/pytorch-script/data.py /tmp/images`."""

import sys
from pathlib import Path

from cli.demo.data import make_demo_data


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = make_demo_data()
    (folder / "holdout.csv").write_bytes(data.holdout)
    (folder / "first.csv").write_bytes(data.drops["v2"])
    (folder / "second.csv").write_bytes(data.drops["v4"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))

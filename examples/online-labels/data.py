"""Writes the data of the row: `python examples/online-labels/data.py /tmp/apples`.

Last year's apples kept above another line than this year's. first.csv and live.csv are of this year, second.csv is of
the last, holdout.csv of both: it cannot tell the two models apart. live.csv has the truth first, then the request.
"""

import sys
from pathlib import Path

from cli.demo.apples import pick, to_csv

THIS_YEAR = 0.45


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    mixed = pick(1000, seed=1) + pick(1000, seed=2, line=THIS_YEAR)
    (folder / "holdout.csv").write_bytes(to_csv(mixed))
    (folder / "first.csv").write_bytes(to_csv(pick(2000, seed=3, line=THIS_YEAR)))
    (folder / "second.csv").write_bytes(to_csv(pick(2000, seed=4)))
    (folder / "live.csv").write_bytes(to_csv(pick(1000, seed=5, line=THIS_YEAR)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

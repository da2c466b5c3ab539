"""Writes the data of the row: `python examples/batch-paired/data.py /tmp/apples`.

Last year's apples kept above another line than this year's. first.csv, second.csv and the drops are of this year,
third.csv is of the last, holdout.csv of both: it cannot tell the models apart. The drops have the truth first.
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
    (folder / "second.csv").write_bytes(to_csv(pick(2000, seed=6, line=THIS_YEAR)))
    (folder / "third.csv").write_bytes(to_csv(pick(2000, seed=4)))
    (folder / "monday.csv").write_bytes(to_csv(pick(1000, seed=5, line=THIS_YEAR)))
    (folder / "tuesday.csv").write_bytes(to_csv(pick(1000, seed=7, line=THIS_YEAR)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Writes holdout.csv, first.csv, second.csv and live.csv to a folder: `python examples/batch/data.py /tmp/batch`."""

import sys
from pathlib import Path

from cli.demo.data import write

if __name__ == "__main__":
    write(Path(sys.argv[1]))

"""Writes holdout.csv, first.csv, second.csv, live.csv: `python examples/serverless/data.py /tmp/serverless`."""

import sys
from pathlib import Path

from cli.demo.data import write

if __name__ == "__main__":
    write(Path(sys.argv[1]))

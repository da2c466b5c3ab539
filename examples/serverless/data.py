"""Writes holdout.csv, live.csv and three datasets: `python examples/serverless/data.py /tmp/serverless`."""

import sys
from pathlib import Path

from cli.demo.data import make_demo_data, write

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write(folder)
    (folder / "third.csv").write_bytes(make_demo_data().drops["v4"])

"""What each order costs: a fraud that passes its amount, an honest order that is held up five dollars.

Called with the folders of both models' answers, and of what is made of them: `--input FOLDER --output FOLDER`.
"""

import argparse
import csv
from collections.abc import Mapping
from pathlib import Path

HELD_UP = 5.0


def loss(order: Mapping[str, str]) -> float:
    """Dollars. prediction: the probability of the second class, here of 1: fraud."""
    is_stopped, is_fraud = float(order["prediction"]) >= 0.5, order["fraud"] == "1"
    if is_stopped:
        return 0.0 if is_fraud else HELD_UP
    return float(order["amount"]) if is_fraud else 0.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--input", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    for file in options.input.rglob("*.csv"):
        with file.open(newline="") as orders:
            losses = [loss(order) for order in csv.DictReader(orders)]
        written = options.output / file.relative_to(options.input)
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text("".join(f"{each}\n" for each in losses))


if __name__ == "__main__":
    main()

"""Writes first.csv and second.csv to a folder: `python examples/own-loss/data.py /tmp/orders`.

Made-up orders. In the second file nobody has looked at the orders above 600 dollars, so that none of them is a fraud:
a model of it is nearly as often right, and lets the dear ones pass.
"""

import random
import sys
from pathlib import Path

HEADER = "amount,age_of_account,hour,same_address,fraud"
UNSEEN = 600.0


def order(chance: random.Random, *, are_dear_ones_seen: bool) -> str:
    """Fraud comes from young accounts, by night, to another address."""
    amount, age, hour = chance.lognormvariate(4.5, 1.0), chance.expovariate(1 / 400), chance.randrange(24)
    same = chance.random() < 0.7
    signs = (age < 60) + (hour < 6) + (not same) + (amount > 300)
    is_fraud = signs + chance.gauss(0, 0.3) > 1.8
    seen = is_fraud and (are_dear_ones_seen or amount <= UNSEEN)
    return f"{amount:.2f},{age:.0f},{hour},{int(same)},{int(seen)}"


def main(folder: Path) -> None:
    chance = random.Random(11)  # noqa: S311 repeatable, not a secret
    folder.mkdir(parents=True, exist_ok=True)
    for name, seen in {"first": True, "second": False}.items():
        rows = [order(chance, are_dear_ones_seen=seen) for _ in range(5000)]
        (folder / f"{name}.csv").write_text("\n".join([HEADER, *rows, ""]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

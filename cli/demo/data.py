"""Handwritten digits, cut into what the demo needs: a holdout, rows for live clients, and four dataset drops.

The data: 1,797 images of 8 x 8 pixels, 10 classes: the test part of "Optical Recognition of Handwritten
Digits" by E. Alpaydin and C. Kaynak (UCI Machine Learning Repository, CC BY 4.0), as it ships inside
scikit-learn (BSD-3-Clause). It is read from the installed package; no row of it lives in this repository.
"""

import gzip
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from cli.stack.errors import StackError

TARGET = "label"
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/switchyard-xgboost:1"
BAD_RELEASE_IMAGE = f"{IMAGE}-jsonbug"

HOLDOUT_ROWS = 500
LIVE_ROWS = 200
V1_ROWS = 150
V2_ROWS = 800
_CLASSES = 10
_SEED = 42


@dataclass(frozen=True)
class Digit:
    """One image: `label` 0..9, `pixels` 64 numbers 0..16, row by row."""

    label: int
    pixels: tuple[int, ...]


@dataclass(frozen=True)
class DemoData:
    """Rows of one shuffle; holdout, live and training rows never meet. Files are CSV with a header.

    Drops: v1 few rows; v2 many more; v3 those of v2 with every label moved to the next digit, as after a
    shifted join; v4 those of v2 and all that were left: as good as v2, or better.
    """

    holdout: bytes
    drops: Mapping[str, bytes]
    live: tuple[Digit, ...]


def load_digits() -> list[Digit]:
    """All images of the installed data set, in its own order. From its file: to import scikit-learn takes a second."""
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        raise StackError("scikit-learn, whose data set the demo shows, is not installed.", "Run `make env`.")
    with gzip.open(Path(package.origin).parent / "datasets/data/digits.csv.gz", "rt") as file:
        rows = [[int(field) for field in line.split(",")] for line in file]
    return [Digit(label, tuple(pixels)) for *pixels, label in rows]


def make_demo_data(digits: Iterable[Digit] | None = None) -> DemoData:
    """Cut the data set; the same digits always give the same bytes, and so the same run ids."""
    shuffled = list(load_digits() if digits is None else digits)
    random.Random(_SEED).shuffle(shuffled)  # noqa: S311 - a repeatable shuffle, not a secret
    holdout, rest = shuffled[:HOLDOUT_ROWS], shuffled[HOLDOUT_ROWS:]
    live, training = rest[:LIVE_ROWS], rest[LIVE_ROWS:]
    second = training[:V2_ROWS]
    drops = {
        "v1": training[:V1_ROWS],
        "v2": second,
        "v3": [Digit((digit.label + 1) % _CLASSES, digit.pixels) for digit in second],
        "v4": training,
    }
    return DemoData(
        holdout=to_csv(holdout),
        drops={version: to_csv(rows) for version, rows in drops.items()},
        live=tuple(live),
    )


def write(folder: Path) -> None:
    """What an example's data.py gives: holdout.csv, first.csv, second.csv, and live.csv, a request a line."""
    folder.mkdir(parents=True, exist_ok=True)
    data = make_demo_data()
    (folder / "holdout.csv").write_bytes(data.holdout)
    (folder / "first.csv").write_bytes(data.drops["v1"])
    (folder / "second.csv").write_bytes(data.drops["v2"])
    (folder / "live.csv").write_text("".join(f"{to_row(digit)}\n" for digit in data.live))


def to_csv(digits: Sequence[Digit]) -> bytes:
    """A dataset drop: header `label,pixel_0,...,pixel_63`, one image a line."""
    header = ",".join([TARGET, *(f"pixel_{index}" for index in range(len(digits[0].pixels)))])
    lines = (f"{digit.label},{to_row(digit)}" for digit in digits)
    return "\n".join([header, *lines, ""]).encode()


def to_row(digit: Digit) -> str:
    """The pixels as a text/csv request asks them: no label, no line feed."""
    return ",".join(map(str, digit.pixels))

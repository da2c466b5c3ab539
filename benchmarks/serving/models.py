"""Models to serve, trained by the container itself: tables of 30 columns, of numbers alone and with texts.

A third of TEXTS are categories, so that the trees see as many columns as with numbers alone; MIXED also has a
date and a free text, which make 98 columns of 30.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving.load import Body
from benchmarks.serving.stage import ROOT

TREES, DEPTH, COLUMNS, TRAINING_ROWS = 200, 6, 30, 5000
NUMBERS = ("number",) * COLUMNS
TEXTS = ("number",) * 18 + ("category",) * 10 + ("boolean",) * 2
MIXED = ("number",) * 18 + ("category",) * 8 + ("boolean",) * 2 + ("date", "text")
_CATEGORIES = [f"value {number}" for number in range(40)]
_WORDS = ["late", "again", "refund", "thanks", "broken", "great", "order", "the", "and", "was"]


@dataclass(frozen=True)
class Trained:
    """The /opt/ml of one training, and rows to ask for."""

    base: Path
    kinds: tuple[str, ...]

    @property
    def file(self) -> Path:
        return self.base / "model/model.ubj"

    def csv(self, rows: int) -> Body:
        return Body("text/csv", "".join(",".join(row) + "\n" for row in self._rows(rows)).encode())

    def json(self, rows: int) -> Body:
        """SageMaker's `instances`; numbers alone."""
        return Body("application/json", json.dumps({"instances": self._numbers(rows)}).encode())

    def v2(self, rows: int) -> Body:
        """The Open Inference Protocol's tensors."""
        flat = [value for row in self._numbers(rows) for value in row]
        tensor = {"name": "rows", "shape": [rows, len(self.kinds)], "datatype": "FP32", "data": flat}
        return Body("application/json", json.dumps({"inputs": [tensor]}).encode())

    def _numbers(self, rows: int) -> list[list[float]]:
        return [[float(field) for field in row] for row in self._rows(rows)]

    def _rows(self, count: int) -> list[list[str]]:
        draw = random.Random(2)
        return [_fields(self.kinds, draw) for _ in range(count)]


def train(python: Path, base: Path, kinds: tuple[str, ...]) -> Trained:
    """Train by `container/bin/train`; a table of numbers alone comes without a contract."""
    hyperparameters = {"num_round": TREES, "max_depth": DEPTH, "objective": "binary:logistic"}
    _write(
        base / "input/config/hyperparameters.json",
        {key: str(value) for key, value in hyperparameters.items()},
    )
    if kinds != NUMBERS:
        _write(base / "input/data/contract/contract.json", _contract(kinds))
    path = base / "input/data/train/rows.csv"
    path.parent.mkdir(parents=True)
    path.write_text(_table(kinds))
    command = [python, ROOT / "container/bin/train"]
    subprocess.run(command, env={"SAGEMAKER_BASE_DIR": str(base)}, check=True, capture_output=True)
    return Trained(base, kinds)


def _table(kinds: tuple[str, ...]) -> str:
    draw, lines = random.Random(1), []
    for _ in range(TRAINING_ROWS):
        fields = _fields(kinds, draw)
        label = float(fields[0]) + float(fields[1]) ** 2 - float(fields[2]) + ("value 1" in fields) > 1
        lines.append(",".join([str(int(label)), *fields]))
    return "\n".join(lines) + "\n"


def _fields(kinds: tuple[str, ...], draw: random.Random) -> list[str]:
    return [_DRAWN[kind](draw) for kind in kinds]


_DRAWN: dict[str, Callable[[random.Random], str]] = {
    "number": lambda draw: f"{draw.gauss(0, 1):.4f}",
    "boolean": lambda draw: str(draw.randint(0, 1)),
    "category": lambda draw: draw.choice(_CATEGORIES),
    "date": lambda draw: f"20{draw.randint(10, 26)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
    "text": lambda draw: " ".join(draw.choices(_WORDS, k=8)),
}


def _contract(kinds: tuple[str, ...]) -> dict[str, object]:
    features = [{"name": f"{kind} {at}", "kind": kind} for at, kind in enumerate(kinds)]
    target = {"name": "y", "classes": ["no", "yes"]}
    return {"version": 1, "problem": "binary", "target": target, "features": features, "ignored": []}


def _write(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document))

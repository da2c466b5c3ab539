"""Floors of the serving container: `constant`, the same server whose engine answers a constant, and `bare`, its HTTP
server alone, which reads no row and chooses no format.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from container.numeric_csv import Rows
from container.serving.app import Answer, App, Request
from container.serving.main import main, serve


class Constant:
    """Engine and predictor: the same number for every row."""

    def predictor(self, _threads: int | None = None) -> Constant:
        return self

    def predict(self, rows: Rows) -> list[list[float]]:
        return [[0.123456789]] * len(rows)


class Model:
    """The container's own model with another engine."""

    engine = Constant()

    def __init__(self, model: Any) -> None:
        self.decoders, self.encoders = model.decoders, model.encoders


class Bare:
    """The HTTP server alone."""

    max_bytes = 6 << 20

    def answer(self, _request: Request) -> Answer:
        return Answer(200, "text/csv", b"0.123456789\n")

    answer_aside = answer


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        serve(Bare, os.environ)
    else:
        main(lambda model, max_payload_mb: App(Model(model), max_payload_mb))

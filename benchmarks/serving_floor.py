"""Floors of the serving container: `constant`, the same server whose engine answers a constant, and `bare`, its HTTP
server alone, which reads no row and chooses no format.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from container.numeric_csv import Rows
from container.serving.app import App
from container.serving.main import listen, main

_ANSWER = b"0.123456789\n"
_HEADERS = [(b"content-type", b"text/csv"), (b"content-length", b"%d" % len(_ANSWER))]


class Constant:
    """Engine and predictor: the same number for every row."""

    def predictor(self) -> Constant:
        return self

    def predict(self, rows: Rows) -> list[list[float]]:
        return [[0.123456789]] * len(rows)


class Model:
    """The container's own model with another engine."""

    engine = Constant()

    def __init__(self, model: Any) -> None:
        self.decoders, self.encoders = model.decoders, model.encoders


async def bare(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _ANSWER})


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        listen(bare, os.environ)
    else:
        main(lambda model, max_payload_mb: App(Model(model), max_payload_mb))

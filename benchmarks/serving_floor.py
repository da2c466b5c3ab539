"""The floor of a serving container: the same HTTP server, which reads the body and answers a constant."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from container.serving.main import listen

_ANSWER = b"0.123456789\n"
_HEADERS = [(b"content-type", b"text/csv"), (b"content-length", b"%d" % len(_ANSWER))]


async def constant(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Raw ASGI: no model, no parsing, no choice of formats."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _ANSWER})


if __name__ == "__main__":
    listen(constant, os.environ)

"""The smallest container: `serve` answers with what it was sent, `train` leaves a model of a few bytes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

BASE = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Raw ASGI: no framework between the router that is measured and its answer."""
    if scope["type"] != "http":
        return
    message = await receive()
    body = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    headers = [(b"content-type", b"text/csv"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    if sys.argv[1] == "train":
        (BASE / "model" / "model.txt").write_text("trained\n")
        return
    import uvicorn

    port = int(os.environ["SAGEMAKER_BIND_TO_PORT"])
    uvicorn.run(echo, host="127.0.0.1", port=port, log_level="warning", access_log=False, lifespan="off")


if __name__ == "__main__":
    main()

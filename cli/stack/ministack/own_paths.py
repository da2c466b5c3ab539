"""Paths of MiniStack that are the stack's own. Of whom they may be asked says the guard (`access.py`).

POST /_switchyard/events       EventBridge events of AWS services, which PutEvents refuses
POST /_switchyard/deployment   what is deployed now is what MiniStack begins with after a kill
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cli.stack.ministack import deployment
from cli.stack.ministack.access import OWN
from cli.stack.ministack.pin import taking
from sagemaker_local.access.guard import App, Receive, Scope, Send

EVENTS_PATH, DEPLOYMENT_PATH = f"{OWN}events", f"{OWN}deployment"
Answer = tuple[int, bytes]  # a status, and a JSON document
Handler = Callable[[bytes], Answer]


def own_paths(state_dir: Path, ministack: Any) -> Mapping[str, Handler]:
    """What answers a body that is posted to a path. ministack: its module `app`."""
    from ministack.services import eventbridge

    put_events = taking(eventbridge, "_put_events", "data", "allow_aws_source")

    def publish(body: bytes) -> Answer:
        try:
            entries = json.loads(body)["Entries"]
        except (ValueError, KeyError, TypeError):
            return 400, b'{"message": "Expected a JSON object with a list Entries, as for PutEvents"}'
        status, _, answer = put_events({"Entries": entries}, allow_aws_source=True)
        return status, answer if isinstance(answer, bytes) else str(answer).encode()

    def keep(_: bytes) -> Answer:
        deployment.keep(state_dir, ministack)
        return 200, b"{}"

    return {EVENTS_PATH: publish, DEPLOYMENT_PATH: keep}


def answering(app: App, paths: Mapping[str, Handler]) -> App:
    """The ASGI app with these paths more."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        answer_to = paths.get(scope["path"]) if scope["type"] == "http" else None
        if answer_to is None:
            await app(scope, receive, send)
            return
        status, answer = 405, b'{"message": "POST it"}'
        if scope["method"] == "POST":
            status, answer = await asyncio.to_thread(answer_to, await _body(receive))
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return answered


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body

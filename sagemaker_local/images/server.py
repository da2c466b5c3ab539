"""What every serving image answers: `GET /ping`, `GET /execution-parameters`, `POST /invocations`."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_GRACE_SECONDS = 25  # SageMaker kills a server 30 seconds after SIGTERM
_KEEP_ALIVE_SECONDS = 120  # longer than the plane keeps idle connections


@dataclass(frozen=True)
class Request:
    """One invocation; media types without their parameters, empty where the caller named none."""

    body: bytes
    content_type: str
    accept: str


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


Invoke = Callable[[Request], Answer]


def serve(invoke: Invoke) -> None:
    """Listen until SIGTERM, then finish what has begun. `invoke` is called in one thread, one request at a time."""
    import uvicorn

    limit_mb = int(os.environ.get("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6"))
    uvicorn.run(
        App(invoke, limit_mb),
        host="127.0.0.1",
        port=int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")),
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


class App:
    """The ASGI application around `invoke`; /ping is answered while a prediction runs."""

    def __init__(self, invoke: Invoke, max_payload_mb: int = 6) -> None:
        self._invoke = invoke
        self._limit = max_payload_mb << 20
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")
        parameters = {
            "MaxConcurrentTransforms": 1,
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": max_payload_mb,
        }
        self._parameters = Answer(200, json.dumps(parameters).encode(), "application/json")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _send(send, await self._answer(scope, receive))

    async def _answer(self, scope: Message, receive: Receive) -> Answer:
        match scope["path"], scope["method"]:
            case "/ping", "GET":
                return Answer(200)
            case "/execution-parameters", "GET":
                return self._parameters
            case "/invocations", "POST":
                body = await _read(receive, self._limit)
                if body is None:
                    return Answer(413, b"the body is larger than %d MB" % (self._limit >> 20))
                request = Request(body, _media_type(scope, b"content-type"), _media_type(scope, b"accept"))
                return await asyncio.get_running_loop().run_in_executor(self._worker, self._invoke, request)
            case "/ping" | "/execution-parameters" | "/invocations", _:
                return Answer(405)
        return Answer(404)


def _media_type(scope: Message, name: bytes) -> str:
    value: bytes = dict(scope["headers"]).get(name, b"")
    return value.decode("latin-1").partition(",")[0].partition(";")[0].strip().lower()


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None when it is larger than `limit`."""
    pieces, size = [], 0
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > limit:
            return None
        if not message.get("more_body"):
            return b"".join(pieces)


async def _send(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", answer.content_type.encode("latin-1")),
        (b"content-length", b"%d" % len(answer.body)),
    ]
    if answer.status == 204:
        headers = []
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})

"""The HTTP side as a bare ASGI application: for one row a framework costs as much as the prediction."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

import orjson

from container.numeric_csv import RowError, Rows
from container.serving.formats import Encoder, RequestError, formats_of
from container.serving.ports import Engine, Predictor

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_TEXT = "text/plain; charset=utf-8"
_LARGE_BYTES = 64 << 10  # a body this large takes milliseconds: /ping must not wait for it

logger = logging.getLogger("serve")


class Model(Protocol):
    @property
    def engine(self) -> Engine: ...
    @property
    def decoders(self) -> Mapping[str, Callable[[bytes], Rows]]: ...
    @property
    def encoders(self) -> Mapping[str, Encoder]: ...


class Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes


class App:
    """`GET /ping`, `GET /execution-parameters`, `POST /invocations`; `encoders` may replace the model's."""

    def __init__(
        self, model: Model, max_payload_mb: int = 6, encoders: Mapping[str, Encoder] | None = None
    ) -> None:
        self._here, self._aside = model.engine.predictor(), model.engine.predictor()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="large-batch")
        self._limit = max_payload_mb << 20
        self._decoders = model.decoders
        self._encoders = encoders or model.encoders
        self._parameters = Answer(200, "application/json", _execution_parameters(max_payload_mb))

    # One row costs little more than the server around it: fewer calls and coroutines are what makes it so.
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            if scope["path"] == "/invocations" and scope["method"] == "POST":
                answer = await self._invoke(scope, receive)
            else:
                answer = self._other(scope["path"], scope["method"])
        except RequestError as error:
            answer = Answer(error.status, _TEXT, error.reason.encode())
        except RowError as error:
            answer = Answer(400, _TEXT, str(error).encode())
        except Exception as error:
            logger.exception("request failed")
            answer = Answer(500, _TEXT, f"internal error: {type(error).__name__}".encode())
        status, content_type, body = answer
        headers = [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _other(self, path: str, method: str) -> Answer:
        match path, method:
            case "/ping", "GET":
                return Answer(200, _TEXT, b"")
            case "/execution-parameters", "GET":
                return self._parameters
            case "/invocations" | "/ping" | "/execution-parameters", _:
                raise RequestError(405, f"{method} is not allowed here")
            case _:
                raise RequestError(404, f"{path} does not exist: POST /invocations, GET /ping")

    async def _invoke(self, scope: Scope, receive: Receive) -> Answer:
        headers = dict(scope["headers"])
        content_type, accept = formats_of(headers.get(b"content-type", b""), headers.get(b"accept", b""))
        message = await receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body") or len(body) > self._limit:
            body = await _whole_body(body, message, receive, self._limit)
        if len(body) < _LARGE_BYTES:
            return self._predict(self._here, content_type, accept, body)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._worker, self._predict, self._aside, content_type, accept, body
        )

    def _predict(self, predictor: Predictor, content_type: str, accept: str, body: bytes) -> Answer:
        if not body or body.isspace():
            raise RequestError(400, "the body is empty: at least one row is expected")
        rows = self._decoders[content_type](body)
        return Answer(200, accept, self._encoders[accept](predictor.predict(rows)))


async def _whole_body(begun: bytes, message: Message, receive: Receive, limit: int) -> bytes:
    pieces, size = [begun], len(begun)
    while message.get("more_body") and size <= limit:
        message = await receive()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
    if size > limit:
        raise RequestError(413, f"the body is larger than {limit >> 20} MB")
    return b"".join(pieces)


def _execution_parameters(max_payload_mb: int) -> bytes:
    """How batch transform should feed this server, in SageMaker's words."""
    return orjson.dumps(
        {"MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": max_payload_mb}
    )

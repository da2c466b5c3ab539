"""What is answered: `GET /ping`, `GET /execution-parameters`, `POST /invocations`, whatever carries them."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import httptools
import orjson

from container.numeric_csv import RowError, Rows
from container.serving.formats import Encoder, RequestError, as_utf8, formats_of
from container.serving.ports import Engine, Predictor

TEXT = "text/plain; charset=utf-8"
MARK = b"\xef\xbb\xbf"  # of byte order: editors and PowerShell begin a file with it
LARGE_BYTES = 64 << 10  # a body this large takes milliseconds: /ping must not wait for it

logger = logging.getLogger("serve")


class Model(Protocol):
    @property
    def engine(self) -> Engine: ...
    @property
    def decoders(self) -> Mapping[str, Callable[[bytes], Rows]]: ...
    @property
    def encoders(self) -> Mapping[str, Encoder]: ...


@dataclass(slots=True)  # not frozen: it is filled while it is read
class Request:
    """A request as it came: the two headers that matter are empty where they were left out."""

    method: bytes = b""
    target: bytes = b""
    content_type: bytes = b""
    accept: bytes = b""
    body: bytes = b""


class Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes


class App:
    """The answers of one worker; `encoders` may replace the model's."""

    def __init__(
        self, model: Model, max_payload_mb: int = 6, encoders: Mapping[str, Encoder] | None = None
    ) -> None:
        self._here, self._aside = model.engine.predictor(), model.engine.predictor()
        self.max_bytes = max_payload_mb << 20
        self._decoders = model.decoders
        self._encoders = encoders or model.encoders
        self._parameters = Answer(200, "application/json", _execution_parameters(max_payload_mb))

    def answer(self, request: Request) -> Answer:
        """For the thread that reads requests."""
        return self._answer(request, self._here)

    def answer_aside(self, request: Request) -> Answer:
        """For one other thread, at the same time."""
        return self._answer(request, self._aside)

    def _answer(self, request: Request, predictor: Predictor) -> Answer:
        try:
            if request.target == b"/invocations" and request.method == b"POST":
                return self._invoke(request, predictor)
            return self._other(httptools.parse_url(request.target).path or b"/", request, predictor)
        except RequestError as error:
            return refusal(error.status, error.reason)
        except (RowError, httptools.HttpParserInvalidURLError) as error:
            return refusal(400, str(error))
        except Exception as error:
            logger.exception("request failed")
            return refusal(500, f"internal error: {type(error).__name__}")

    def _other(self, path: bytes, request: Request, predictor: Predictor) -> Answer:
        match path, request.method:
            case b"/ping", b"GET":
                return Answer(200, TEXT, b"")
            case b"/execution-parameters", b"GET":
                return self._parameters
            case b"/invocations", b"POST":  # with a query, or by its whole URL
                return self._invoke(request, predictor)
            case b"/invocations" | b"/ping" | b"/execution-parameters", _:
                raise RequestError(405, f"{request.method.decode()} is not allowed here")
            case _:
                shown = path.decode(errors="replace")
                raise RequestError(404, f"{shown} does not exist: POST /invocations, GET /ping")

    def _invoke(self, request: Request, predictor: Predictor) -> Answer:
        content_type, accept, charset = formats_of(request.content_type, request.accept)
        body = as_utf8(request.body, charset) if charset else request.body
        body = body.removeprefix(MARK)
        if not body or body.isspace():
            raise RequestError(400, "the body is empty: at least one row is expected")
        rows = self._decoders[content_type](body)
        return Answer(200, accept, self._encoders[accept](predictor.predict(rows)))


def refusal(status: int, reason: str) -> Answer:
    return Answer(status, TEXT, reason.encode())


def _execution_parameters(max_payload_mb: int) -> bytes:
    """How batch transform should feed this server, in SageMaker's words."""
    return orjson.dumps(
        {"MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": max_payload_mb}
    )

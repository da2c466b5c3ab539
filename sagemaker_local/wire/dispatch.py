"""One HTTP endpoint for all operations: `X-Amz-Target: <service>.<Operation>` chooses."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Container
from typing import Any

from botocore.model import OperationModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from sagemaker_local.wire.errors import AnswerLostError, ServiceError
from sagemaker_local.wire.model import targeted
from sagemaker_local.wire.request import parse_request
from sagemaker_local.wire.response import serialise

Perform = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any] | None]]

_CONTENT_TYPE = "application/x-amz-json-1.1"
_MAX_BODY_BYTES = 4 * 1024 * 1024
_log = logging.getLogger(__name__)


class Dispatcher:
    """Turns HTTP requests into operations and their outcomes into HTTP answers.

    `implemented` names the operations that `perform` carries out; SageMaker's others get a clear refusal.
    """

    def __init__(self, implemented: Container[str], perform: Perform) -> None:
        self._implemented = implemented
        self._perform = perform

    async def handle(self, request: Request) -> Response:
        request_id = str(uuid.uuid4())
        try:
            operation = self._operation(request.headers.get("x-amz-target", ""))
            members = parse_request(operation, await _body(request))
            answer = serialise(operation, await self._perform(operation.name, members))
        except ServiceError as error:
            return _failure(error, request_id)
        except AnswerLostError:
            return _LostAnswer(None)
        except Exception:
            _log.exception("an operation failed inside the plane (request %s)", request_id)
            text = f"The local SageMaker failed on this request; its log has the traceback of {request_id}."
            return _failure(ServiceError("InternalFailure", text, 500), request_id)
        return _answer(answer, 200, request_id)

    def _operation(self, target: str) -> OperationModel:
        operation = targeted(target)
        if operation is None:
            raise ServiceError(
                "UnknownOperationException",
                f"X-Amz-Target '{target}' names no operation of SageMaker or Application Auto Scaling.",
            )
        if operation.name not in self._implemented:
            raise ServiceError(
                "UnknownOperationException",
                f"The local SageMaker does not implement {operation.name}, which AWS has; docs/sagemaker-local.md says "
                "what it does, operation by operation.",
            )
        return operation


async def no_operation(request: Request) -> Response:
    """What is asked of a path that no service here has: the other runtimes of SageMaker, and newer operations."""
    text = (
        f"{request.method} {request.url.path} is no operation of the local SageMaker, which has the operations of "
        "SageMaker, SageMaker Runtime and Application Auto Scaling that docs/sagemaker-local.md lists."
    )
    headers = {"x-amzn-errortype": "UnknownOperationException"}
    return JSONResponse({"__type": "UnknownOperationException", "message": text}, 404, headers)


async def lose_answer(send: Send) -> None:
    """Begin an answer and do not end it: the server then breaks the connection."""
    # in chunks: with a content-length some clients take what came for everything
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": True})


class _LostAnswer(Response):
    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await lose_answer(send)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise ServiceError("RequestEntityTooLargeException", "The request is larger than 4 MiB.", 413)
    return body


def _failure(error: ServiceError, request_id: str) -> Response:
    return _answer({"__type": error.code, "message": error.message}, error.status, request_id)


def _answer(members: dict[str, Any] | None, status: int, request_id: str) -> Response:
    body = b"" if members is None else json.dumps(members).encode()
    headers = {"x-amzn-RequestId": request_id}
    return Response(body, status, headers=headers, media_type=_CONTENT_TYPE)

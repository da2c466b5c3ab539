"""InvokeEndpointAsync: `POST /endpoints/{name}/async-invocations` puts a request into the endpoint's queue."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sagemaker_local.hosting.asynchronous.queue import AsyncEndpoint
from sagemaker_local.hosting.asynchronous.request import AsyncRequest, Spool
from sagemaker_local.hosting.invoking import errors
from sagemaker_local.hosting.invoking.members import read
from sagemaker_local.hosting.invoking.router import Routers
from sagemaker_local.hosting.serving.spec import AsyncConfig

_MAX_BODY_BYTES = 128_000
_TTL_SECONDS, _TIMEOUT_SECONDS = 21_600, 900
_TO_CONTAINER = {
    "ContentType": "content-type",
    "Accept": "accept",
    "CustomAttributes": "x-amzn-sagemaker-custom-attributes",
}


class AsyncInvocations:
    """`endpoints` are those that serve asynchronously; `others` all that are served at all."""

    def __init__(
        self,
        endpoints: Mapping[str, AsyncEndpoint],
        others: Routers,
        spool: Spool,
        account: str,
    ) -> None:
        self._endpoints = endpoints
        self._others = others
        self._spool = spool
        self._account = account

    async def handle(self, request: Request) -> Response:
        try:
            accepted = await self._accept(request)
        except errors.InvocationError as error:
            told = {name.decode(): value.decode() for name, value in error.headers}
            return Response(error.body, error.status, told)
        headers = {"X-Amzn-SageMaker-OutputLocation": accepted.output_location or ""}
        if accepted.failure_location is not None:
            headers["X-Amzn-SageMaker-FailureLocation"] = accepted.failure_location
        body = orjson.dumps({"InferenceId": accepted.inference_id})
        return Response(body, 202, headers, "application/json")

    async def _accept(self, request: Request) -> AsyncRequest:
        name: str = request.path_params["name"]
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            if name in self._others:
                raise errors.not_asynchronous(name, self._account)
            raise self._others.absence(name, self._account)
        members = read("InvokeEndpointAsync", name, request.headers.raw)
        body = await _body(request)
        if bool(body) == ("InputLocation" in members):
            raise errors.invalid("Exactly one of InputLocation and Body must be given.")
        config = endpoint.route.asynchronous
        assert config is not None  # noqa: S101 - the endpoint is asynchronous
        accepted = _request(name, members, body, config)
        await asyncio.to_thread(self._spool.keep, accepted)
        endpoint.submit(accepted)
        return accepted


def _request(name: str, members: dict[str, Any], body: bytes, config: AsyncConfig) -> AsyncRequest:
    number = str(uuid.uuid4())
    inference_id = members.get("InferenceId", str(uuid.uuid4()))
    extension = members.get("S3OutputPathExtension", "").strip("/")
    filename = members.get("Filename", f"{number}.out")
    passed = [(header, members[each]) for each, header in _TO_CONTAINER.items() if each in members]
    passed.append(("x-amzn-sagemaker-inference-id", inference_id))
    return AsyncRequest(
        number=number,
        endpoint=name,
        inference_id=inference_id,
        received=time.time(),
        ttl_seconds=members.get("RequestTTLSeconds", _TTL_SECONDS),
        timeout_seconds=members.get("InvocationTimeoutSeconds", _TIMEOUT_SECONDS),
        headers=tuple(passed),
        input_location=members.get("InputLocation"),
        body=body or None,
        output_location=_below(config.output_path, extension, filename),
        failure_location=_below(config.failure_path, extension, f"{number}-error.out"),
    )


def _below(path: str | None, *names: str) -> str | None:
    return None if path is None else "/".join([path.rstrip("/"), *filter(None, names)])


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_BODY_BYTES:
            raise errors.payload_too_large(_MAX_BODY_BYTES)
    return body

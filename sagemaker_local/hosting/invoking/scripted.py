"""Invocations that go wrong when the fault rules say so."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sagemaker_local.faults import Faults
from sagemaker_local.hosting.invoking import errors
from sagemaker_local.hosting.serving.ask import Ask, Headers, ask
from sagemaker_local.hosting.serving.connection import Reply
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.wire.dispatch import lose_answer
from sagemaker_local.wire.errors import AnswerLostError, ServiceError

_OPERATIONS = {
    "invocations": "InvokeEndpoint",
    "async-invocations": "InvokeEndpointAsync",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
}


def scripted(routes: Iterable[BaseRoute], faults: Faults) -> list[BaseRoute]:
    """The data plane's routes, asked only when no rule speaks of them."""
    return [_wrapped(route, faults) for route in routes]


def _wrapped(route: BaseRoute, faults: Faults) -> BaseRoute:
    if not isinstance(route, Route):
        return route
    operation = _OPERATIONS[route.path.rpartition("/")[2]]
    return Route(route.path, ScriptedInvocations(route.app, operation, faults), methods=["POST"])


class ScriptedInvocations:
    """One of the runtime's operations; without rules it costs a comparison."""

    def __init__(self, app: ASGIApp, operation: str, faults: Faults) -> None:
        self._app = app
        self._operation = operation
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._faults.are_any:
            await self._app(scope, receive, send)
            return
        request = {"EndpointName": scope["path_params"]["name"]}
        try:
            await self._faults.before(self._operation, request)
            self._faults.after(self._operation, request)
        except AnswerLostError:
            await self._app(scope, receive, _unheard)
            await lose_answer(send)
        except ServiceError as error:
            failure = errors.InvocationError(error.status, error.code, {"Message": error.message})
            await send({"type": "http.response.start", "status": failure.status, "headers": failure.headers})
            await send({"type": "http.response.body", "body": failure.body})
        else:
            await self._app(scope, receive, send)


def scripted_ask(faults: Faults) -> Ask:
    """As `ask`, unless a rule speaks of the variant; without rules it costs a comparison."""

    async def asked(variant: RunningVariant, headers: Headers, body: bytes, timeout_seconds: float) -> Reply:
        if faults.are_any:
            is_up = any(instance.is_ready for instance in variant.instances)
            fault = await faults.at_variant(variant.spec.endpoint, variant.spec.variant, is_up=is_up)
            if fault is not None and fault.fault == "fail":
                return Reply(500, {b"content-type": b"text/plain"}, fault.reason.encode())
            if fault is not None:
                for part in [part for instance in variant.instances for part in instance.parts]:
                    await part.kill()
        return await ask(variant, headers, body, timeout_seconds)

    return asked


async def _unheard(_message: Message) -> None:
    """What the container answers, and nobody hears."""

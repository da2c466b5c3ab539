"""What stands before a server on this machine: it lets in its user's own clients, and no page of a browser."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from sagemaker_local.access.keys import Keys, Session, session_by_token
from sagemaker_local.access.origin import foreign_host, foreign_site
from sagemaker_local.access.signing import Received, SecretOf, SignatureError, check, read_signature

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CALLER = "access_key_id"  # in the scope of a request whose signature was checked


@dataclass(frozen=True)
class Rules:
    """keys: the pair that a request is signed with, or whose sessions'; None asks for no signature.

    unsigned: paths that answer without one. owners: beginnings of paths for the pair itself, not for its sessions.
    closed: beginnings of paths that answer nobody. any_port: Host may name another port, as through a tunnel.
    may_link: pages of other sites may link here. advice: where a client finds the keys.
    others: secrets of further keys; met: told of each session before it is let in.
    """

    keys: Keys | None = None
    unsigned: frozenset[str] = frozenset()
    owners: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    any_port: bool = False
    may_link: bool = False
    advice: str = ""
    others: SecretOf = lambda _id, _token: None
    met: Callable[[Session], None] = lambda _session: None


class Guard:
    """An ASGI application before another. It answers 400 to a foreign Host and 403 to what else it refuses.

    No Access-Control header gets out, and no WebSocket gets in: those ask for no permission.
    """

    def __init__(self, app: App, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = received(scope)
        if refusal := self._refusal(scope, request):
            status, message = refusal
            await _refuse(send, status, "AccessDeniedException", message, request)
            return
        if self._rules.keys is not None and not self._answers_unsigned(scope):
            try:
                body = await self._authenticate(self._rules.keys, request, scope, receive)
            except SignatureError as error:
                await _refuse(send, 403, error.code, f"{error.message} {self._rules.advice}".strip(), request)
                return
            receive = body.receive
        await self._app(scope, receive, _without_cors(send))

    def _refusal(self, scope: Scope, request: Received) -> tuple[int, str] | None:
        port = None if self._rules.any_port else scope["server"][1]
        if text := foreign_host(request.header("host"), port):
            return 400, text
        text = foreign_site(dict(request.headers), may_link=self._rules.may_link)
        if not text and not self._answers_unsigned(scope) and scope["path"].startswith(self._rules.closed):
            text = f"{scope['path']} is closed on this stack."
        return (403, text) if text else None

    def _answers_unsigned(self, scope: Scope) -> bool:
        return scope["method"] == "GET" and scope["path"] in self._rules.unsigned

    async def _authenticate(self, pair: Keys, request: Received, scope: Scope, receive: Receive) -> _Body:
        """The body of a request that may come in. Raises SignatureError for others."""
        signature = read_signature(request)
        secret_of = self._secret_of(pair)
        if secret_of(signature.access_key_id, signature.token) is None:  # before the body is read
            raise SignatureError(
                "UnrecognizedClientException", "The access key is not one of this local stack."
            )
        body = await _Body.read(receive)
        check(request, signature, body.sha256, secret_of, datetime.now(UTC))
        is_owner = signature.access_key_id == pair.access_key_id
        if scope["path"].startswith(self._rules.owners) and not is_owner:
            raise SignatureError("AccessDeniedException", f"{scope['path']} is the stack's own.")
        if session := session_by_token(pair, signature.access_key_id, signature.token):
            self._rules.met(session)
        scope[CALLER] = signature.access_key_id
        return body

    def _secret_of(self, pair: Keys) -> SecretOf:
        def secret_of(access_key_id: str, token: str) -> str | None:
            if (access_key_id, token) == (pair.access_key_id, ""):
                return pair.secret_access_key
            session = session_by_token(pair, access_key_id, token) if token else None
            return session.keys.secret_access_key if session else self._rules.others(access_key_id, token)

        return secret_of


def received(scope: Scope) -> Received:
    """The request line and headers as they were sent."""
    headers = tuple((_text(name).lower(), _text(value)) for name, value in scope["headers"])
    path = scope.get("raw_path") or scope["path"].encode()
    return Received(scope["method"], _text(path), _text(scope["query_string"]), headers)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


class _Body:
    """What was read of a request before its signature could be checked; the application reads it again."""

    def __init__(self, messages: deque[Message], sha256: str, receive: Receive) -> None:
        self._messages, self.sha256, self._receive = messages, sha256, receive

    @classmethod
    async def read(cls, receive: Receive) -> _Body:
        messages: deque[Message] = deque()
        digest, more = hashlib.sha256(), True
        while more:
            messages.append(message := await receive())
            digest.update(message.get("body", b""))
            more = message.get("more_body", False)
        return cls(messages, digest.hexdigest(), receive)

    async def receive(self) -> Message:
        return self._messages.popleft() if self._messages else await self._receive()


def _without_cors(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", [])
            kept = [each for each in headers if not each[0].lower().startswith(b"access-control-")]
            message = {**message, "headers": kept}
        await send(message)

    return sending


async def _refuse(send: Send, status: int, code: str, message: str, request: Received) -> None:
    """An error in the form that the request's protocol has for errors."""
    kind, body = _error(code, message, request)
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-errortype", code.encode()),
        (b"connection", b"close"),  # the body may not have been read
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _error(code: str, message: str, request: Received) -> tuple[bytes, bytes]:
    """REST-JSON and JSON 1.x read JSON; the query protocol, and S3 whose scope stands in the signature, XML."""
    text = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    if "/s3/aws4_request" in request.header("authorization"):
        return b"application/xml", text.encode()
    if request.header("content-type").startswith("application/x-www-form-urlencoded"):
        return b"text/xml", f"<ErrorResponse>{text}</ErrorResponse>".encode()
    return b"application/json", json.dumps({"__type": code, "message": message}).encode()

"""One connection: requests of HTTP/1.1 in, answers out, by llhttp's parser and no framework.

A single row takes ten microseconds; a coroutine, a task and a scope for each request would take five times that.
"""

import asyncio
import select
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol

import httptools

from container.serving.app import LARGE_BYTES, Answer, Request, refusal

_HEAD_BYTES = 64 << 10
_FIRST_SECONDS = 1.0  # a caller that has just connected is about to ask
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Application(Protocol):
    max_bytes: int

    def answer(self, request: Request) -> Answer: ...
    def answer_aside(self, request: Request) -> Answer: ...


class Service:
    """What the connections of one worker share."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.aside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="large-batch")
        self.connections: set[Connection] = set()
        self.leaving = False

    def leave(self) -> None:
        """Each connection ends once it has answered what it has begun; may be said again."""
        self.leaving = True
        for connection in list(self.connections):
            connection.leave()

    def close_idle(self, older_than: float) -> None:
        """Ends connections that have asked nothing, or have not finished asking, since a time of the loop."""
        for connection in list(self.connections):
            connection.close_idle(older_than)


class Connection(asyncio.Protocol):
    """Answers in the order of the requests. The methods named on_* are httptools' callbacks."""

    def __init__(self, service: Service) -> None:
        self._service, self._app = service, service.app
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._request, self._parts, self._size = Request(), list[bytes](), 0
        self._begun = self._answered = self._refused = self._expects = self._unread = False
        self._aside: asyncio.Future[Answer] | None = None
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._since = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._service.connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._service.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:  # answered without: a server may ignore the offer
            self._parser = httptools.HttpRequestParser(self)
            self.data_received(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            if not self._transport.is_closing():
                self._write(refusal(400, f"this is not HTTP/1.1: {error}"), keep=False)

    def pause_writing(self) -> None:
        """The caller does not read its answers: it is not asked for more until it does."""
        self._unread = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._unread = False
        self._read_on()

    def on_message_begin(self) -> None:
        self._request, self._parts, self._size = Request(), [], 0
        self._begun, self._expects = True, False

    def on_url(self, part: bytes) -> None:
        self._request.target += part
        self._count_head(part)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(name + value)
        match name.lower():
            case b"content-type":
                self._request.content_type = value
            case b"accept":
                self._request.accept = value
            case b"expect":
                self._expects = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        self._request.method, self._size = self._parser.get_method(), 0
        if self._expects and self._aside is None:
            self._transport.write(_CONTINUE)

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self._app.max_bytes:
            self._parts.append(part)
        else:
            self._refuse(413, f"the body is larger than {self._app.max_bytes >> 20} MB")

    def on_message_complete(self) -> None:
        if self._refused or self._transport.is_closing():
            self._transport.close()
            return
        self._request.body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        asked = self._request, self._parser.should_keep_alive()
        if self._aside is None:
            self._answer(*asked)
        else:
            self._waiting.append(asked)

    def leave(self) -> None:
        waited = self._answered or self._loop.time() - self._since > _FIRST_SECONDS
        if waited and not self._begun and not self._has_unread():
            self._transport.close()

    def _has_unread(self) -> bool:
        """Whether bytes wait: a close now would reset the connection of somebody who has asked."""
        waiting = select.poll()
        waiting.register(self._transport.get_extra_info("socket"), select.POLLIN)
        return bool(waiting.poll(0))

    def close_idle(self, older_than: float) -> None:
        if self._aside is None and self._since < older_than:
            self._transport.abort()

    def _answer(self, request: Request, keep: bool) -> None:
        if len(request.body) < LARGE_BYTES:
            self._write(self._app.answer(request), keep, request.method != b"HEAD")
            return
        self._transport.pause_reading()
        self._aside = self._loop.run_in_executor(self._service.aside, self._app.answer_aside, request)
        self._aside.add_done_callback(lambda done: self._answered_aside(done.result(), keep))

    def _answered_aside(self, answer: Answer, keep: bool) -> None:
        self._aside = None
        self._write(answer, keep)
        while self._waiting and self._aside is None and not self._transport.is_closing():
            self._answer(*self._waiting.popleft())
        self._read_on()

    def _write(self, answer: Answer, keep: bool, with_body: bool = True) -> None:
        status, content_type, body = answer
        keep = keep and not self._service.leaving
        head = b"%b%d\r\n\r\n" % (_head(status, content_type, keep), len(body))
        self._transport.write(head + body if with_body else head)
        self._begun, self._answered, self._since = False, True, self._loop.time()
        if not keep:
            self._transport.close()

    def _count_head(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > _HEAD_BYTES:
            self._refuse(431, f"the head of the request is larger than {_HEAD_BYTES >> 10} KB")

    def _refuse(self, status: int, reason: str) -> None:
        """Answers before the request has ended; the rest is read and dropped, or the answer could be lost."""
        if not self._refused:
            self._refused = True
            answer = refusal(status, reason)
            head = b"%b%d\r\n\r\n" % (_head(status, answer.content_type, False), len(answer.body))
            self._transport.write(head + answer.body)

    def _read_on(self) -> None:
        if self._aside is None and not self._unread and not self._transport.is_closing():
            self._transport.resume_reading()


@lru_cache(maxsize=64)
def _head(status: int, content_type: str, keep: bool) -> bytes:
    """All of an answer's head but the length of its body."""
    close = "" if keep else "connection: close\r\n"
    phrase = HTTPStatus(status).phrase
    return f"HTTP/1.1 {status} {phrase}\r\ncontent-type: {content_type}\r\n{close}content-length: ".encode()

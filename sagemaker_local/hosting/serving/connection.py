"""HTTP/1.1 to a container on loopback: keep-alive connections and nothing that a container does not need.

A general client spends several times more CPU on a request than the router itself; this one sends bytes and
lets httptools parse the answer.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field

import httptools

from sagemaker_local.runtime.port_key import is_listened_on, lock
from sagemaker_local.wording import in_words

Headers = Iterable[tuple[bytes, bytes]]
_LOOK_SECONDS = 0.1  # on loopback a connection takes less, unless those before it wait to be accepted


class ContainerError(Exception):
    """The container gave no usable answer."""


class ContainerRefusedError(ContainerError):
    """The container took no connection: the request never reached it."""


@dataclass(slots=True)
class Reply:
    """What the container answered; header names in lower case. `container` is the hostname in a pipeline."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    container: str = "primary"


class ContainerClient:
    """Requests to one server process; as many connections as there are requests at once."""

    def __init__(self, port: int, host: str = "127.0.0.1", key: bytes = b"") -> None:
        """key: what its port takes (port_key.py); empty for none."""
        self._host, self._port, self._key = host, port, key
        self._idle: list[_Connection] = []
        self._is_closed = False
        self._authority = f"Host: {host}:{port}\r\n".encode()

    async def request(self, method: bytes, path: bytes, headers: Headers = (), body: bytes = b"") -> Reply:
        """One exchange. Raises `ContainerError`; the caller sets the time limit.

        A kept connection may have been closed by the server just before it was used: when not one byte of
        answer came, the request is sent again, once, on a new connection (RFC 9112, section 9.3.1).
        """
        message = self.message(method, path, headers, body)
        kept = self._kept()
        if kept is None:
            return await self._exchange(await self._connect(), message)
        try:
            return await self._exchange(kept, message)
        except _StaleError:
            return await self._again(message)

    def close(self) -> None:
        """Close the connections, those in use when their answer has come."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _again(self, message: bytes) -> Reply:
        try:
            connection = await self._connect()
        except ContainerRefusedError as error:
            # The server may have read the request and died of it: no other instance must get it.
            raise ContainerError(
                "the connection was closed before an answer, and the server is gone"
            ) from error
        return await self._exchange(connection, message)

    def message(self, method: bytes, path: bytes, headers: Headers, body: bytes) -> bytes:
        """The request as it is sent."""
        lines = b"".join([b"%b: %b\r\n" % header for header in headers])
        return b"%b %b HTTP/1.1\r\n%b%bContent-Length: %d\r\n\r\n%b" % (
            method,
            path,
            self._authority,
            lines,
            len(body),
            body,
        )

    async def open(self) -> socket.socket:
        """A connection to the port. Raises ContainerRefusedError when nobody listens there."""
        opened = socket.socket()
        opened.setblocking(False)
        try:
            if self._key:
                lock(opened, self._key)
            await self._reach(opened)
        except OSError as error:
            opened.close()
            raise ContainerRefusedError(f"no connection to port {self._port}: {in_words(error)}") from error
        except BaseException:
            opened.close()
            raise
        return opened

    async def _reach(self, opened: socket.socket) -> None:
        place = (self._host, self._port)
        attempt = asyncio.ensure_future(asyncio.get_running_loop().sock_connect(opened, place))
        try:
            while not (await asyncio.wait([attempt], timeout=_LOOK_SECONDS))[0]:
                if self._key and not is_listened_on(self._port):
                    raise ConnectionRefusedError(errno.ECONNREFUSED, "nobody listens there")
            attempt.result()
        finally:
            attempt.cancel()

    async def _connect(self) -> _Connection:
        opened = await self.open()
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, sock=opened)
        return connection

    async def _exchange(self, connection: _Connection, message: bytes) -> Reply:
        try:
            reply = await connection.exchange(message)
        except BaseException:
            connection.close()
            raise
        if self._is_closed:
            connection.close()
        elif connection.is_open:
            self._idle.append(connection)
        return reply


class _StaleError(ContainerError):
    """A kept connection turned out to be closed before the answer began."""


class _Connection(asyncio.Protocol):
    """One connection, one exchange at a time; the methods named on_* are httptools' callbacks."""

    def __init__(self) -> None:
        self.is_open = False
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Reply] | None = None
        self._exchanges = 0
        self._begin()

    async def exchange(self, message: bytes) -> Reply:
        assert self._transport is not None  # noqa: S101 - connection_made came first
        self._exchanges += 1
        self._begin()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(message)
        return await self._answer

    def close(self) -> None:
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._reply = Reply()
        self._parts: list[bytes] = []
        self._has_begun = self._has_headers = False

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream connection's
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # an answer nobody asked for
            return
        self._has_begun = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.is_open = False
            self._fail(ContainerError(f"not an HTTP answer: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._answer is None or self._answer.done():
            return
        if self._has_headers and not self._has_framing():
            self._finish()  # a body without length ends with the connection
        elif self._exchanges > 1 and not self._has_begun:
            self._fail(_StaleError())
        else:
            self._fail(ContainerError(f"the connection was closed before the answer was complete ({exc})"))

    # httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        self._reply.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self._reply.status = self._parser.get_status_code()
        self._has_headers = True

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        if self._reply.status < 200:  # 100 Continue and the like precede the answer
            self._reply, self._has_headers = Reply(), False
            return
        self.is_open = self.is_open and self._parser.should_keep_alive()
        self._finish()

    def _has_framing(self) -> bool:
        return b"content-length" in self._reply.headers or b"transfer-encoding" in self._reply.headers

    def _finish(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._reply.body = b"".join(self._parts)
            self._answer.set_result(self._reply)
        if not self.is_open and self._transport is not None:
            self._transport.close()

    def _fail(self, error: ContainerError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

"""The HTTP client against servers that are not always polite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.hosting.serving.connection import (
    ContainerClient,
    ContainerError,
    ContainerRefusedError,
    Reply,
    _Connection,
)
from tests import patience

pytestmark = pytest.mark.anyio

Answer = Callable[[int, int], bytes]


class Server:
    """Answers request n of connection c with `answer(c, n)`; b"" closes the connection instead."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests = 0
        self.answer: Answer = lambda _connection, _request: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        self.closes_after: int | None = None
        self.port = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection, request = self.connections, 0
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                await reader.readexactly(length)
                self.requests += 1
                data = self.answer(connection, request)
                request += 1
                writer.write(data)
                if not data or request == self.closes_after:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    served = Server()
    listening = await asyncio.start_server(served.handle, "127.0.0.1", 0)
    served.port = listening.sockets[0].getsockname()[1]
    yield served
    listening.close()


async def ask(server: Server, times: int = 1) -> Reply:
    client = ContainerClient(server.port)
    try:
        for _ in range(times):
            async with asyncio.timeout(patience.SECONDS):
                reply = await client.request(
                    b"POST", b"/invocations", [(b"content-type", b"text/csv")], b"1,2"
                )
    finally:
        client.close()
        await asyncio.sleep(0)
    return reply


async def test_requests_one_after_the_other_share_a_connection(server: Server) -> None:
    assert (await ask(server, times=5)).body == b"ok"
    assert (server.connections, server.requests) == (1, 5)


async def test_requests_side_by_side_have_a_connection_each(server: Server) -> None:
    client = ContainerClient(server.port)
    await asyncio.gather(*(client.request(b"GET", b"/ping") for _ in range(4)))
    client.close()

    assert server.connections == 4


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n",
            200,
            b"abcde",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", 201, b"x"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 503 No\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy", 503, b"busy"),
    ],
)
async def test_every_framing_of_an_answer_is_understood(
    server: Server, answer: bytes, status: int, body: bytes
) -> None:
    server.answer = lambda _connection, _request: answer

    reply = await ask(server, times=2)

    assert (reply.status, reply.body) == (status, body)


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
async def test_a_body_without_length_ends_with_the_connection(server: Server, version: bytes) -> None:
    server.answer = lambda _connection, _request: version + b" 200 OK\r\nConnection: close\r\n\r\nall of it"
    server.closes_after = 1

    assert (await ask(server, times=2)).body == b"all of it"
    assert server.connections == 2


async def test_a_kept_connection_that_the_server_has_closed_loses_no_request(server: Server) -> None:
    """The server reads the second request of each connection and closes without an answer."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    server.answer = lambda _connection, request: answer if request == 0 else b""

    assert (await ask(server, times=4)).body == b"ok"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nCont",
    ],
)
async def test_an_answer_that_is_none_is_an_error_not_a_wait(server: Server, answer: bytes) -> None:
    server.answer = lambda _connection, _request: answer
    server.closes_after = 1

    with pytest.raises(ContainerError):
        await ask(server)
    assert server.requests == 1  # a request that may have been carried out is not sent twice


async def test_no_server_is_told_apart_from_a_bad_one(server: Server) -> None:
    with pytest.raises(ContainerRefusedError):
        await ContainerClient(1).request(b"GET", b"/ping")


async def test_a_cancelled_request_leaves_no_half_answer_to_the_next_one(server: Server) -> None:
    client = ContainerClient(server.port)
    server.answer = lambda connection, _request: (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfir" if connection == 0 else LENGTH_3 + b"two"
    )

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await client.request(b"GET", b"/ping")
    assert (await client.request(b"GET", b"/ping")).body == b"two"
    client.close()


LENGTH_3 = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"


class Wire(asyncio.Transport):
    """A transport that goes nowhere."""

    def write(self, data: bytes | bytearray | memoryview) -> None: ...

    def close(self) -> None: ...


@given(st.binary(max_size=300), st.lists(st.integers(1, 60), max_size=8))
def test_an_answer_cut_into_any_pieces_is_the_same_answer(body: bytes, cuts: list[int]) -> None:
    async def scenario() -> Reply:
        connection = _Connection()
        connection.connection_made(Wire())
        answer = asyncio.ensure_future(connection.exchange(b"a request"))
        await asyncio.sleep(0)
        rest = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n%b" % (
            len(body),
            body,
        )
        for cut in [*cuts, len(rest)]:
            if rest[:cut]:
                connection.data_received(rest[:cut])
            rest = rest[cut:]
        return await answer

    reply = asyncio.run(scenario())

    assert (reply.status, reply.body) == (200, body)
    assert reply.headers[b"content-type"] == b"text/csv"

"""HTTP as callers speak it: kept connections, pipelines, pieces, and what no caller should send."""

import socket
from collections.abc import Iterator

import pytest

from tests import patience

ROW = b"1,2,3,4,5"
PING = b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"


def post(body: bytes, *headers: bytes, target: bytes = b"/invocations") -> bytes:
    lines = [b"POST %b HTTP/1.1" % target, b"Host: x", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.fixture
def connection(servers) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", servers["binary"].port), timeout=patience.SECONDS) as opened:
        yield opened


def answers(connection: socket.socket, count: int) -> list[tuple[int, bytes]]:
    """Status and body of the next answers."""
    read = connection.makefile("rb")
    return [_answer(read) for _ in range(count)]


def _answer(read) -> tuple[int, bytes]:
    status = int(read.readline().split()[1])
    length = 0
    while (line := read.readline()) != b"\r\n":
        name, _, value = line.partition(b":")
        length = int(value) if name == b"content-length" else length
    return status, read.read(length)


def everything(connection: socket.socket) -> bytes:
    """What comes until the server closes."""
    return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def test_a_pipeline_is_answered_in_its_order_a_large_batch_in_the_middle_too(connection) -> None:
    large = (ROW + b"\n") * 20_000
    connection.sendall(post(ROW) + post(large) + PING + post(ROW) + post(b"1"))
    (one, first), (many, batch), ping, again, (refused, reason) = answers(connection, 5)
    assert (one, many, ping, again) == (200, 200, (200, b""), (200, first))
    assert batch == first * 20_000
    assert (refused, reason) == (400, b"row 1: 1 fields found, 5 expected")


def test_a_request_may_come_in_single_bytes(connection) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in post(ROW):
        connection.sendall(bytes([byte]))
    assert answers(connection, 1)[0][0] == 200


def test_chunks_and_queries_and_whole_urls_are_read(connection) -> None:
    connection.sendall(
        post(ROW) + post(ROW, target=b"/invocations?a=1") + post(ROW, target=b"http://a/invocations")
    )
    assert len(set(answers(connection, 3))) == 1
    head = b"POST /invocations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.sendall(head + b"4\r\n1,2,\r\n5\r\n3,4,5\r\n0\r\n\r\n" + post(ROW))
    chunked, plain = answers(connection, 2)
    assert chunked == plain


def test_who_expects_100_continue_gets_it_before_the_body(connection) -> None:
    head, _, body = post(ROW, b"Expect: 100-continue").rpartition(b"\r\n\r\n")
    connection.sendall(head + b"\r\n\r\n")
    assert answers(connection, 1) == [(100, b"")]
    connection.sendall(body)
    assert answers(connection, 1)[0][0] == 200


def test_an_offer_of_another_protocol_is_passed_over(connection) -> None:
    connection.sendall(
        b"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + post(ROW)
    )
    assert [status for status, _ in answers(connection, 2)] == [200, 200]


@pytest.mark.parametrize("head", [b"Connection: close", b"Connection: Close"])
def test_who_asks_to_close_gets_one_answer_and_the_end(connection, head) -> None:
    connection.sendall(post(ROW, head) + PING)
    answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.count(b"HTTP/1.1") == 1
    assert b"\r\nconnection: close\r\n" in answer


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"hello there\r\n\r\n", 400),
        (b"GET /ping HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 431),
        (post(b"1,2,3,4,5\n" * 700_000), 413),
        (post(b"0\r\n\r\n" + PING, b"Transfer-Encoding: chunked"), 400),  # two lengths: smuggling
    ],
    ids=["no HTTP", "long header", "long target", "large body", "two lengths"],
)
def test_what_cannot_be_read_has_one_answer_and_the_end(connection, sent, status) -> None:
    connection.sendall(sent)
    answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.count(b"HTTP/1.1 ") == 1


def test_head_is_refused_without_a_body(connection) -> None:
    connection.sendall(
        b"HEAD /ping HTTP/1.1\r\nHost: x\r\n\r\nGET /ping HTTP/1.1\r\nConnection: close\r\n\r\n"
    )
    heads = everything(connection).split(b"\r\n\r\n")
    assert [head[:12] for head in heads] == [b"HTTP/1.1 405", b"HTTP/1.1 200", b""]

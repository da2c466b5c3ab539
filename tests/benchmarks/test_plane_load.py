"""The load counts each request that is not answered as it should be: who cannot see losses proves nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from benchmarks.plane_load import BODY, load
from tests import patience

REQUESTS = 40
CLOSE = b"Connection: close\r\n"


@contextlib.contextmanager
def server(answer: bytes, wrong: bytes, wrong_at: int) -> Iterator[str]:
    """Answers each request with `answer`, one of all with `wrong`; when that is cut short, the connection ends.

    So it does after an answer that says so.
    """
    seen = iter(range(1_000_000))

    def talk(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while connection.recv(65_536):
                if next(seen) == wrong_at:
                    connection.sendall(wrong)
                    if len(wrong) < len(answer):
                        return
                else:
                    connection.sendall(answer)
                    if CLOSE in answer:
                        return

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=talk, args=[listening.accept()[0]], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/endpoints/x/invocations"
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(patience.SECONDS)


def reply(status: str, body: bytes, variant: str = "blue") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nx-Amzn-Invoked-Production-Variant: {variant}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize(
    ("wrong", "lost"),
    [
        (reply("200 OK", BODY), 0),
        (reply("503 Service Unavailable", BODY), 1),
        (reply("200 OK", bytes(len(BODY))), 1),
        (reply("200 OK", BODY)[:-5], 1),
        (b"", 1),
    ],
    ids=["good", "refused", "wrong body", "cut off", "closed"],
)
def test_what_is_not_the_answer_is_lost(wrong: bytes, lost: int) -> None:
    with server(reply("200 OK", BODY), wrong, wrong_at=17) as url:
        found = load(url, connections=3, requests=REQUESTS, seconds=patience.SECONDS)
    assert (found["requests"], found["lost"], len(found["wrong"])) == (REQUESTS, lost, lost)
    assert found["variants"] == {"blue": REQUESTS - lost}


def test_a_server_that_closes_after_each_answer_loses_nothing() -> None:
    answer = reply("200 OK", BODY).replace(b"\r\n\r\n", b"\r\n" + CLOSE + b"\r\n", 1)
    with server(answer, b"", wrong_at=-1) as url:
        found = load(url, connections=3, requests=REQUESTS, seconds=patience.SECONDS)
    assert (found["requests"], found["lost"]) == (REQUESTS, 0)


def test_the_time_ends_it_too() -> None:
    with server(reply("200 OK", BODY), b"", wrong_at=-1) as url:
        found = load(url, connections=2, requests=10**9, seconds=0.3)
    assert found["lost"] == 0
    assert 0 < found["requests"] < 10**9

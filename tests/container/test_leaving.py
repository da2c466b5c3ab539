"""How `serve` leaves: who has connected and asked is answered, and nobody else holds it up."""

import asyncio
import os
import signal
import socket
import time
from contextlib import suppress

import uvloop

from container.serving.app import Answer, Request
from container.serving.connection import Connection, Service
from tests import patience
from tests.container.test_serve import fields

PING = b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"


def test_sigterm_lets_a_request_in_flight_finish(models, rows, serve) -> None:
    table = fields(rows["multiclass"])
    body = "\n".join(table * 250).encode()
    head = f"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: {len(body)}\r\n\r\n"
    with serve(models["multiclass"]) as server:
        expected = server.invoke(body).text
        with socket.create_connection(("127.0.0.1", server.port), timeout=patience.SECONDS) as connection:
            connection.sendall(head.encode() + body[:-10])
            server.process.terminate()
            refused = wait_until_refused(server.port)
            connection.sendall(body[-10:])
            answer = b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode()
        assert refused
        assert answer.startswith("HTTP/1.1 200 ")
        assert answer.partition("\r\n\r\n")[2] == expected
        assert server.process.wait(timeout=patience.SECONDS) == 0


def wait_until_refused(port: int) -> bool:
    """New connections are refused once the server has heard the signal."""
    for _ in range(1000):
        try:
            # One that comes while the socket closes is reset.
            with suppress(ConnectionResetError):
                socket.create_connection(("127.0.0.1", port), timeout=patience.SECONDS).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.01)
    return False


def test_an_idle_kept_connection_does_not_hold_up_sigterm(models, serve) -> None:
    with serve(models["binary"]) as server:
        assert server.invoke("1,2,3,4,5").status_code == 200
        server.process.terminate()
        assert server.process.wait(timeout=patience.SECONDS) == 0


def test_sigterm_lets_a_request_that_is_not_accepted_yet_finish(models, serve) -> None:
    """The server is held up while somebody connects and asks, and while it is told to stop."""
    with serve(models["binary"]) as server:
        os.kill(server.process.pid, signal.SIGSTOP)
        with socket.create_connection(("127.0.0.1", server.port), timeout=patience.SECONDS) as connection:
            connection.sendall(PING)
            server.process.terminate()
            os.kill(server.process.pid, signal.SIGCONT)
            answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(timeout=patience.SECONDS) == 0


class Pongs:
    """An application that answers everything alike."""

    max_bytes = 1 << 20

    def answer(self, request: Request) -> Answer:
        return Answer(200, "text/plain", b"pong")

    answer_aside = answer


def test_who_has_asked_again_on_a_kept_connection_is_answered_before_it_closes() -> None:
    """The bytes wait unread when the server leaves: a close would reset the connection."""

    async def asked_twice() -> list[bytes]:
        loop, service = asyncio.get_running_loop(), Service(Pongs())
        ours, theirs = socket.socketpair()
        with ours:
            ours.setblocking(False)
            await loop.connect_accepted_socket(lambda: Connection(service), theirs)
            ours.send(PING)
            first = await loop.sock_recv(ours, 1024)
            ours.send(PING)
            service.leave()
            return [first, await loop.sock_recv(ours, 1024)]

    assert all(answer.endswith(b"pong") for answer in uvloop.run(asked_twice()))

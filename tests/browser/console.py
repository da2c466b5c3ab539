"""A console on a port of its own, in a thread, for a browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from cli.console.address import base_of, new_token
from cli.console.server import application
from cli.console.shared_reads import Board
from tests.console.site import PATIENT, Site
from tests.fakes.store import Clock

THREAD = "console"  # that serves and draws; what it shows is read in others


@contextmanager
def console(
    stack: Site, seconds: float = 60.0, clock: Callable[[], float] | None = None, patience: float = PATIENT
) -> Iterator[tuple[str, str]]:
    """(its address, the address of whoever may act)."""
    token = new_token()
    board = Board(lambda: stack, seconds, "Look at `switchyard status`.", clock or Clock(), patience)
    app = application(board, "local stack", seconds, token, stack.to_change)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, name=THREAD)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    [listening] = server.servers[0].sockets
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        yield address, address + base_of(token)
    finally:
        server.should_exit = True
        thread.join()

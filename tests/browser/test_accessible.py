"""The console as everyone has to be able to use it: axe finds nothing serious, and nothing is wider than a phone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from cli.console.board import Board
from cli.console.server import application
from tests.browser.devtools import page
from tests.cli.settled_runs import RUN, RUN_ID
from tests.console.site import site
from tests.fakes.store import Clock

ADDRESSES = ("/", "/?q=nothing+of+this+name", "/models/digits", f"/models/digits/runs/{RUN_ID}")
WAYS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 390)]


@pytest.fixture(scope="module")
def console() -> Iterator[str]:
    """The address of a console that shows a run under way."""
    with site() as stack:
        stack.run_under_way(RUN)
        board = Board(lambda: stack, 60.0, "Look at `switchyard status`.", Clock())
        config = uvicorn.Config(
            application(board, "local stack", 60.0), host="127.0.0.1", port=0, log_level="error"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        [listening] = server.servers[0].sockets
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(("scheme", "width"), WAYS)
def test_every_page_is_for_everyone(console: str, tmp_path: Path, scheme: str, width: int) -> None:
    async def look() -> dict[str, tuple[list[str], int, list[str]]]:
        seen = {}
        async with page(tmp_path) as tab:
            for address in ADDRESSES:
                await tab.open(console + address, width=width, scheme=scheme)
                seen[address] = await tab.faults(), await tab.overflow(), await tab.narrow_cells()
        return seen

    assert asyncio.run(look()) == dict.fromkeys(ADDRESSES, ([], 0, []))

"""The console's pages over a stack in memory, as a browser gets them."""

from cli.console.server import application
from cli.console.shared_reads import Board
from tests.cli.settled_runs import RUN_ID
from tests.console.browser import Browser
from tests.console.site import PATIENT, Site
from tests.fakes.store import Clock

ADDRESS = f"/models/digits/runs/{RUN_ID}"


def pages(stack: Site, clock: Clock | None = None, seconds: float = 1.0) -> Browser:
    board = Board(lambda: stack, seconds, "Look at `switchyard status`.", clock or Clock(), PATIENT)
    return Browser(application(board, "local stack", seconds))

"""A real MiniStack and a plane with its keys, a site that is up to no good, and Chromium on it."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.plane.support.fakes import FakeBackend, FakeTraffic
from tests.plane.support.harness import Harness, serve, settings_in
from tests.stack.conftest import MiniStack, ministack

__all__ = ["ministack"]
PAGE = Path(__file__).with_name("page.html")
NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 120


@pytest.fixture(scope="module")
def plane(ministack: MiniStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    settings = settings_in(
        tmp_path_factory.mktemp("plane"), ministack.ports.ministack_url, keys=ministack.home.keys()
    )
    with serve(settings, FakeBackend(), FakeTraffic()) as harness:
        yield harness


class Site(ThreadingHTTPServer):
    """Serves the page at `/`; takes what it saw; and answers every other path to every page that asks, counting."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.seen: dict[str, str] = {}
        self.told = threading.Event()
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        if self.path == "/":
            self._answer(PAGE.read_bytes(), "text/html")
        else:
            self._ask()

    def do_POST(self) -> None:
        if self.path != "/seen":
            self._ask()
            return
        self.server.seen = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(b"", "text/plain")
        self.server.told.set()

    def do_PUT(self) -> None:
        self._ask()

    def do_OPTIONS(self) -> None:
        self._answer(b"", "text/plain")

    def _ask(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self._answer(b"", "text/plain")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        for name in ("Origin", "Methods", "Headers"):
            self.send_header(f"Access-Control-Allow-{name}", "*")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return None


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as started, serving(Site()) as victim:
        started.victim = victim  # type: ignore[attr-defined]
        yield started


def chromium(folder: Path, *words: str) -> list[str]:
    """Its command line; fails, and says how to install it, where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "no Chromium was found. Install it (Debian: apt-get install chromium), then run this again."
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        f"--user-data-dir={folder}",
    ]
    return [found, *options, *words]


def visit(site: Site, folder: Path, targets: list[str]) -> dict[str, str]:
    """What the page saw that Chromium opened at the site."""
    address = f"{site.url}/#{quote(json.dumps(targets))}"
    with subprocess.Popen(
        chromium(folder, address), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as browser:
        try:
            assert site.told.wait(SECONDS), f"the page told nothing within {SECONDS} s"
        finally:
            browser.terminate()
    return site.seen


def text_of(folder: Path, address: str) -> str:
    """The page at an address, whose name Chromium takes for this machine."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    command = chromium(folder, rules, "--dump-dom", address)
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout

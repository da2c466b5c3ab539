"""Live clients: they invoke one endpoint all through a rollout, as users would, and count what they get.

A request is never retried: whatever keeps it from a good answer is an error that a real user would have seen.
"""

import asyncio
import ipaddress
import itertools
import json
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import aiohttp
from anyio.from_thread import start_blocking_portal

from cli.demo.tally import NO_ANSWER, UNKNOWN_VARIANT, ClientReport, Outcome, Tally
from cli.stack.loopback import REGION
from sagemaker_local.access.keys import Keys
from sagemaker_local.access.signing import signed_headers

CSV = "text/csv"
JSON = "application/json"
INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id"


class NotLoopbackError(ValueError):
    """The demo's load may only ever hit this machine."""


@dataclass(frozen=True)
class Load:
    """Who is asked, how often, and when it ends by itself. `rows` are bodies of one row each, or of one record.

    content_type: of the bodies. json_share: share of requests that accept JSON; the others accept CSV. keys: what
    requests are signed with.
    """

    base_url: str
    endpoint: str
    rows: Sequence[str | bytes]
    requests_per_second: float = 300.0
    connections: int = 8
    json_share: float = 0.2
    max_requests: int = 500_000
    max_seconds: float = 1800.0
    timeout_seconds: float = 10.0
    keys: Keys | None = None
    content_type: str = CSV

    def __post_init__(self) -> None:
        host = urlsplit(self.base_url).hostname or ""
        if not _is_loopback(host):
            raise NotLoopbackError(
                f"live clients were pointed at {host!r}: they run against this machine only (127.0.0.1)"
            )
        if not self.rows or self.requests_per_second <= 0 or self.connections < 1:
            raise ValueError("a load needs rows, a rate above 0 and at least one connection")

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/endpoints/{quote(self.endpoint)}/invocations"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Heard = Callable[[str, int], None]  # the inference id of a request that was answered, and which row it was


class LiveClients:
    """`await start()`, look with `snapshot()` from any thread, `await stop()`."""

    def __init__(self, load: Load, seed: int = 0, heard: Heard | None = None) -> None:
        self._load = load
        self._heard = heard
        self._random = random.Random(seed)  # noqa: S311 - which row and format comes next is no secret
        self._tally = Tally()
        self._numbers = itertools.count()
        self._name = secrets.token_hex(4)
        self._stopping = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None
        self._started = self._next_slot = self._ended = 0.0

    async def start(self) -> None:
        """Open the connections and begin; returns at once."""
        self._started = self._next_slot = time.monotonic()
        connector = aiohttp.TCPConnector(limit=self._load.connections)
        timeout = aiohttp.ClientTimeout(total=self._load.timeout_seconds)
        session = self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        self._workers = [asyncio.create_task(self._work(session)) for _ in range(self._load.connections)]

    async def stop(self) -> ClientReport:
        """Let requests in flight finish (within the timeout of one request), then report. Safe to repeat."""
        self._stopping.set()
        await asyncio.gather(*self._workers)
        if self._session is not None and not self._session.closed:
            await self._session.close()
            self._ended = time.monotonic()
        return self.snapshot()

    def snapshot(self) -> ClientReport:
        """What was counted so far."""
        return self._tally.report((self._ended or time.monotonic()) - self._started)

    async def _work(self, session: aiohttp.ClientSession) -> None:
        async for number in self._turns():
            self._tally.add(await self._invoke(session, number))

    async def _turns(self) -> AsyncIterator[int]:
        """The numbers of the requests that are this worker's, each when its time has come."""
        while not self._stopping.is_set():
            now = time.monotonic()
            slot = self._next_slot = max(self._next_slot, now) + 1 / self._load.requests_per_second
            if await self._pause(slot - now) or time.monotonic() - self._started >= self._load.max_seconds:
                return
            number = next(self._numbers)
            if number >= self._load.max_requests:
                return
            yield number

    async def _pause(self, seconds: float) -> bool:
        """Wait; True when the clients are to stop instead."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True

    async def _invoke(self, session: aiohttp.ClientSession, number: int) -> Outcome:
        row = self._random.randrange(len(self._load.rows))
        accept = JSON if self._random.random() < self._load.json_share else CSV
        name = f"live-{self._name}-{row}-{number}"
        headers = self._signed(
            row, {"Content-Type": self._load.content_type, "Accept": accept, INFERENCE_ID: name}
        )
        begun = time.monotonic()
        try:
            async with session.post(self._load.url, data=self._load.rows[row], headers=headers) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            text = f"{type(error).__name__}: {error}"
            return Outcome(UNKNOWN_VARIANT, NO_ANSWER, time.monotonic() - begun, text)
        if self._heard and response.status == 200:
            self._heard(name, row)
        variant = response.headers.get("x-Amzn-Invoked-Production-Variant") or UNKNOWN_VARIANT
        return Outcome(variant, response.status, time.monotonic() - begun, _complaint(response, accept, body))

    def _signed(self, row: int, headers: dict[str, str]) -> dict[str, str]:
        load = self._load
        if load.keys is None:
            return headers
        body = load.rows[row]
        body = body.encode() if isinstance(body, str) else body
        return signed_headers(load.keys, "POST", load.url, "sagemaker", REGION, body, headers)


def _complaint(response: aiohttp.ClientResponse, accept: str, body: bytes) -> str:
    """What a user would say about this answer; nothing when it is good."""
    if response.status != 200:
        return _message(body) or response.reason or "no message"
    if response.content_type != accept or not body:
        return f"asked for {accept}, got {len(body)} bytes of {response.content_type}"
    return ""


def _message(body: bytes) -> str:
    """The `Message` of an AWS error, or the whole text."""
    text = body.decode(errors="replace")
    try:
        return str(json.loads(text)["Message"])
    except (ValueError, KeyError, TypeError):
        return text


@contextmanager
def in_background(clients: LiveClients) -> Iterator[LiveClients]:
    """Run the clients in their own thread while the block runs; afterwards `snapshot()` is the report."""
    with start_blocking_portal() as portal:
        portal.call(clients.start)
        try:
            yield clients
        finally:
            portal.call(clients.stop)

"""Load on one URL from keep-alive connections, as a process of its own: its cost must not be the plane's.

`python -m benchmarks.plane_load` reads one JSON object, the arguments of `load`; it stops at whichever comes first,
requests or seconds, and prints one JSON object: requests, lost (not answered as they should be), seconds, p50_ms,
p99_ms, variants {name: answers}.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import httptools
import uvloop

BODY = b"0.25,1.5,3,0,7.125,0.5,2,1,0.75,4"
WRONG_SHOWN = 5


def load(
    url: str,
    connections: int,
    requests: int,
    seconds: float,
    body: bytes = BODY,
    echoed: bool = True,
    content_type: str = "text/csv",
) -> dict[str, Any]:
    """Run the load in a process of its own, to its end; `echoed`: an answer must be the body itself."""
    given = dict(url=url, connections=connections, requests=requests, seconds=seconds, echoed=echoed)
    given["content_type"] = content_type
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.plane_load"],
        input=json.dumps({**given, "body": body.decode()}),
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 90,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class Tally:
    """What is still to be asked, and what came of it."""

    def __init__(
        self, url: str, requests: int, seconds: float, body: bytes, echoed: bool, content_type: str
    ) -> None:
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {content_type}\r\n"
        self.message = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        self._echo = body if echoed else None
        self.began = time.perf_counter()
        self._left, self._deadline = requests, self.began + seconds
        self.latencies: list[float] = []
        self.variants: Counter[str] = Counter()
        self.wrong: list[str] = []

    def good(self, status: int, answer: bytes) -> bool:
        return status == 200 and self._echo in (None, answer)

    def take(self) -> bool:
        """One request more, if there is one."""
        if not self._left or time.perf_counter() > self._deadline:
            return False
        self._left -= 1
        return True

    def summary(self) -> dict[str, Any]:
        ordered = sorted(self.latencies)
        return {
            "requests": len(ordered) + len(self.wrong),
            "lost": len(self.wrong),
            "wrong": self.wrong[:WRONG_SHOWN],
            "seconds": time.perf_counter() - self.began,
            "p50_ms": 1000 * ordered[len(ordered) // 2] if ordered else None,
            "p99_ms": 1000 * ordered[len(ordered) * 99 // 100] if ordered else None,
            "variants": dict(self.variants),
        }


class Caller(asyncio.Protocol):
    """One connection, one request at a time; the methods named on_* are httptools' callbacks."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._asked: float | None = None
        self._is_done = False
        self.ended = asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._ask()

    def _ask(self) -> None:
        if not self._tally.take():
            self._is_done = True
            self._transport.close()
            return
        self._variant, self._parts = "", b""
        self._asked = time.perf_counter()
        self._transport.write(self._tally.message)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"x-amzn-invoked-production-variant":
            self._variant = value.decode()

    def on_body(self, part: bytes) -> None:
        self._parts += part

    def on_message_complete(self) -> None:
        assert self._asked is not None
        status = self._parser.get_status_code()
        if self._tally.good(status, self._parts):
            self._tally.latencies.append(time.perf_counter() - self._asked)
            self._tally.variants[self._variant] += 1
        else:
            self._tally.wrong.append(f"{status} {self._parts[:200]!r}")
        self._asked = None
        if self._parser.should_keep_alive():
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._asked is not None:
            self._tally.wrong.append(f"connection closed: {exc}")
        self.ended.set_result(self._is_done)


async def _connection(tally: Tally) -> None:
    """Ask until nothing is left; a connection that the server closes is made anew, one that breaks cost a request."""
    done = False
    while not done:
        _, caller = await asyncio.get_running_loop().create_connection(
            lambda: Caller(tally), tally.host, tally.port
        )
        done = await caller.ended


async def _run(connections: int, tally: Tally) -> dict[str, Any]:
    await asyncio.gather(*(_connection(tally) for _ in range(connections)))
    return tally.summary()


def main() -> None:
    given = json.load(sys.stdin)
    body = given["body"].encode()
    tally = Tally(
        given["url"], given["requests"], given["seconds"], body, given["echoed"], given["content_type"]
    )
    print(json.dumps(uvloop.run(_run(given["connections"], tally))))


if __name__ == "__main__":
    main()

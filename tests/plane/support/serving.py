"""Containers that serve over real HTTP, as coroutines of the plane's own loop."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.support.fakes import FakeBackend, FakeProgram


@dataclass(frozen=True)
class Asked:
    """One request to a container; header names in lower case."""

    spec: ProgramSpec
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answer = bytes | tuple[int, bytes]
Handler = Callable[[Asked], Answer | Awaitable[Answer]]


class ServingProgram(FakeProgram):
    """A server on loopback until it is stopped; `handler` answers, /ping is answered with 200."""

    def __init__(self, spec: ProgramSpec, handler: Handler) -> None:
        self._handler = handler
        self._connections: set[asyncio.StreamWriter] = set()
        super().__init__(spec, self._serve)

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, spec: ProgramSpec, terminated: asyncio.Event) -> int:
        self.spec = spec
        await terminated.wait()
        self._server.close()
        for writer in list(self._connections):
            writer.close()
        return 143

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while True:
                await self._exchange(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            self._connections.discard(writer)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        answer: Answer = b""
        if path != "/ping":
            found = self._handler(Asked(self.spec, method, path, headers, body))
            answer = await found if inspect.isawaitable(found) else found
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        head = f"HTTP/1.1 {status} X\r\nContent-Type: text/csv\r\nContent-Length: {len(content)}\r\n\r\n"
        writer.write(head.encode() + content)
        await writer.drain()


@dataclass
class ServingBackend(FakeBackend):
    """Images whose `serve` is a handler of requests; other programs behave as in FakeBackend."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    programs: list[ServingProgram] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def check(self, image: str) -> None:
        if image not in self.handlers:
            super().check(image)

    async def start(self, spec: ProgramSpec, *, port: int | None = None) -> FakeProgram:
        if spec.image not in self.handlers or spec.command != "serve":
            return await super().start(spec, port=port)
        self.specs.append(spec)
        program = ServingProgram(spec, self.handlers[spec.image])
        await program.listen()
        self.programs.append(program)
        return program

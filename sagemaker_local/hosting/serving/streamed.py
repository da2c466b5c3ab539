"""An answer of a container, part by part as it comes, over a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httptools

from sagemaker_local.hosting.serving.connection import ContainerClient, ContainerError, Headers
from sagemaker_local.wording import in_words

_READ_BYTES = 65_536


@asynccontextmanager
async def streamed(client: ContainerClient, headers: Headers, body: bytes) -> AsyncIterator[Streamed]:
    """The answer to POST /invocations, once its head is there. Raises ContainerError."""
    reader, writer = await asyncio.open_connection(sock=await client.open())
    try:
        writer.write(client.message(b"POST", b"/invocations", headers, body))
        answer = Streamed(reader)
        await answer.head()
        yield answer
    finally:
        writer.close()


class Streamed:
    """status and headers, their names in lower case; the methods named on_* are httptools' callbacks."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self._reader = reader
        self._parser = httptools.HttpResponseParser(self)
        self._found: list[bytes] = []
        self._has_head = self._is_complete = False

    async def head(self) -> None:
        """Status and headers are there when this returns. Raises ContainerError."""
        while not self._has_head:
            await self._read()

    async def parts(self) -> AsyncIterator[bytes]:
        """What came at once is one part. Raises ContainerError where the answer breaks off."""
        while self._found or not self._is_complete:
            if not self._found:
                await self._read()
            found, self._found = b"".join(self._found), []
            if found:
                yield found

    async def _read(self) -> None:
        try:
            data = await self._reader.read(_READ_BYTES)
            self._parser.feed_data(data) if data else self._end()
        except (OSError, httptools.HttpParserError) as error:
            raise ContainerError(f"the answer broke off: {in_words(error)}") from error

    def _end(self) -> None:
        """A body without length ends with the connection."""
        if not self._has_head or {b"content-length", b"transfer-encoding"} & self.headers.keys():
            raise ContainerError("the connection was closed before the answer was complete")
        self._is_complete = True

    # httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self._has_head = self.status >= 200  # 100 Continue and the like precede the answer

    def on_body(self, body: bytes) -> None:
        self._found.append(body)

    def on_message_complete(self) -> None:
        self._is_complete = self._has_head
        if not self._has_head:
            self.headers = {}

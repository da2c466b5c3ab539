"""Asks the console as a browser does, without a network."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.applications import Starlette

BASE = "http://127.0.0.1:8750"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Browser:
    """One application."""

    app: Starlette

    def request(
        self, method: str, address: str, headers: dict[str, str] | None = None, body: str = ""
    ) -> httpx.Response:
        return asyncio.run(self._ask(method, address, headers or {}, body))

    def get(self, address: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.request("GET", address, headers)

    def send(self, address: str, reason: str = "change freeze", **headers: str) -> httpx.Response:
        """The form of the page at that address, as its button sends it."""
        own = {"Origin": BASE, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = FORM | {name: value for name, value in own.items() if value}
        return self.request("POST", address, sent, urlencode({"reason": reason}))

    async def _ask(self, *request: Any) -> httpx.Response:
        method, address, headers, body = request
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=BASE) as client:
            return await client.request(method, address, headers=headers, content=body)

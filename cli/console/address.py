"""Who may act: whoever has the address that `switchyard console` printed. It begins with a random token.

Not a cookie: "Cookies do not provide isolation by port" (RFC 6265, section 8.5), so that a server of another user of
this machine would be sent it, too. The token lives as long as the console, and is in every link of the pages that it
opened.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

# In the scope of a request: what links of its page begin with; "" for who only looks.
BASE = "switchyard.base"
PART = "t"


def new_token() -> str:
    return secrets.token_urlsafe(32)


def base_of(token: str) -> str:
    """What the addresses of whoever may act begin with."""
    return f"/{PART}/{token}" if token else ""


class TokenInAddress:
    """An ASGI application before another, which takes the token off the path. token: "" lets nobody act."""

    def __init__(self, app: App, token: str) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = self._read(scope)
        await self._app(scope, receive, send)

    def _read(self, scope: Scope) -> Scope:
        """A wrong token stays in the path, where nothing answers to it."""
        part, _, rest = scope["path"].removeprefix("/").partition("/")
        given, _, rest = rest.partition("/")
        known = bool(self._token) and secrets.compare_digest(given.encode(), self._token.encode())
        if part != PART or not known:
            return {**scope, BASE: ""}
        path = f"/{rest}"
        return {**scope, "path": path, "raw_path": quote(path).encode(), BASE: base_of(self._token)}

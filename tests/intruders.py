"""What strangers send to a server on this machine: pages of other sites in a browser, other users, guessed keys.

The requests of pages are written as browsers send them: a fetch or a form without a preflight, a preflight, a name
that was turned to this machine (DNS rebinding), an upgrade to a WebSocket.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests import patience

FORM, TEXT = "application/x-www-form-urlencoded", "text/plain;charset=UTF-8"
EVIL = "https://evil.example"
PAGE = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Referer": f"{EVIL}/"}


@dataclass(frozen=True)
class Request:
    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


def pages(port: int) -> dict[str, Request]:
    """Requests of pages, by what the page does."""
    cors = PAGE | {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    blind = PAGE | {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"}
    form = PAGE | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Content-Type": FORM}
    neighbour = {"Origin": f"http://127.0.0.1:{port + 1}", "Sec-Fetch-Site": "same-site"}
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-amz-target"}
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    return {
        "fetch of text": Request("POST", cors | {"Content-Type": TEXT}, "{}"),
        "fetch without cors": Request("POST", blind | {"Content-Type": TEXT}, "{}"),
        "fetch without a type": Request("POST", cors, "1,2"),
        "form": Request("POST", form, "a=b"),
        "form of a page in a sandbox": Request("POST", form | {"Origin": "null"}, "a=b"),
        "image": Request("GET", blind | {"Sec-Fetch-Dest": "image"}),
        "preflight": Request("OPTIONS", cors | asked),
        "page of another port": Request("POST", neighbour | {"Content-Type": TEXT}, "{}"),
        "old browser": Request("POST", {"Origin": EVIL, "Content-Type": TEXT}, "{}"),
        "name turned to this machine": Request("GET", {"Host": f"evil.example:{port}"}),
        "its form": Request(
            "POST", {"Host": f"evil.example:{port}", "Origin": f"http://evil.example:{port}"}
        ),
        "name like this machine's": Request("GET", {"Host": f"127.0.0.1.evil.example:{port}"}),
        "another port's name": Request("GET", {"Host": f"127.0.0.1:{port + 1}"}),
        "web socket": Request("GET", PAGE | upgrade | {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}),
    }


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def is_refusal(self) -> bool:
        """Nothing was done, and no page may read even that."""
        shares = any(name.startswith("access-control-") for name in self.headers)
        return self.status in (400, 403) and not shares


def send(port: int, path: str, request: Request) -> Answer:
    """Exactly these headers, and Host where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience.SECONDS)
    try:
        connection.request(request.method, path, request.body or None, dict(request.headers))
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, answer.read().decode(errors="replace"))
    finally:
        connection.close()

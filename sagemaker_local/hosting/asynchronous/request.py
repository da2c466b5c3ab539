"""One asynchronous invocation, and the folder that remembers it until it is answered.

"Accepted" (202) is a promise: a request is on the disk before the caller hears it, and a plane that was killed
takes it up again. A request that was being processed then is processed twice.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class AsyncRequest:
    """`received` is in epoch seconds. `body` is the inline payload; without it input_location has it."""

    number: str
    endpoint: str
    inference_id: str
    received: float
    ttl_seconds: float
    timeout_seconds: float
    headers: tuple[tuple[str, str], ...]
    input_location: str | None = None
    body: bytes | None = None
    output_location: str | None = None
    failure_location: str | None = None

    @property
    def expires(self) -> float:
        return self.received + self.ttl_seconds

    @property
    def content_type(self) -> str | None:
        return dict(self.headers).get("content-type")


class Spool:
    """Requests that are not answered yet, one file each. All methods block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, request: AsyncRequest) -> None:
        """On the disk when this returns."""
        folder = self._folder / request.endpoint
        folder.mkdir(parents=True, exist_ok=True)
        document = asdict(request)
        if request.body is not None:
            document["body"] = base64.b64encode(request.body).decode()
        file = folder / f"{request.number}.json"
        draft = file.with_suffix(".tmp")
        with draft.open("w", encoding="utf-8") as content:
            json.dump(document, content)
            content.flush()
            os.fsync(content.fileno())
        draft.replace(file)

    def forget(self, request: AsyncRequest) -> None:
        (self._folder / request.endpoint / f"{request.number}.json").unlink(missing_ok=True)

    def waiting(self, endpoint: str) -> list[AsyncRequest]:
        """What a life before this one accepted and did not answer, oldest first."""
        found = [_read(file) for file in (self._folder / endpoint).glob("*.json")]
        return sorted(found, key=lambda request: request.received)


def _read(file: Path) -> AsyncRequest:
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    body = document.pop("body")
    headers = tuple((name, value) for name, value in document.pop("headers"))
    request = AsyncRequest(**document, headers=headers)
    return request if body is None else replace(request, body=base64.b64decode(body))

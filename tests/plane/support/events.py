"""The state-change events that a plane has not delivered."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sagemaker_local.store import Store
from tests.plane.support.harness import Harness


def outbox(plane: Harness) -> list[dict[str, Any]]:
    """The undelivered events (this plane has no target), read through a second connection."""
    store = Store(plane.settings.data_dir / "plane.sqlite3")
    try:
        entries = asyncio.run(store.run(lambda transaction: transaction.outbox(1000)))
    finally:
        store.close()
    return [entry | {"Detail": json.loads(entry["Detail"])} for _, _, entry in entries]


def details(plane: Harness, detail_type: str) -> list[dict[str, Any]]:
    return [entry["Detail"] for entry in outbox(plane) if entry["DetailType"] == detail_type]

"""Fault rules of a running plane."""

from __future__ import annotations

from typing import Any

import httpx

from tests.plane.support.harness import Harness


def script(plane: Harness, *rules: dict[str, Any]) -> list[dict[str, Any]]:
    """Replace the rules; what the plane says they are."""
    answer = httpx.put(f"{plane.url}/_local/faults", json=list(rules), trust_env=False)
    assert answer.status_code == 200, answer.text
    return list(answer.json())

"""One readable line out of how Step Functions wraps failures: a child's cause is JSON within JSON."""

import json
from typing import Any

MAX_DEPTH = 5


def readable(error: str, cause: str) -> str:
    """`JobFailedError: training job ...`, dug out of nested causes; at most 800 signs."""
    for _ in range(MAX_DEPTH):
        inner = _parsed(cause)
        if inner is None:
            break
        error = str(inner.get("Error") or inner.get("errorType") or error)
        cause = str(inner.get("Cause") or inner.get("errorMessage") or "")
    return ": ".join(part for part in (error, cause) if part)[:800]


def _parsed(cause: str) -> dict[str, Any] | None:
    try:
        value = json.loads(cause)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None

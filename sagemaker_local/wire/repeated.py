"""Names that a request gives twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def repeated(names: Iterable[str]) -> list[str]:
    """Those that are there more than once, each of them once, by name."""
    return sorted(name for name, count in Counter(names).items() if count > 1)

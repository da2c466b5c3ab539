"""Matching a text with a pattern that somebody else wrote, for as long as this thread may compute."""

from __future__ import annotations

import time
from typing import Protocol

import regex


class _Match(Protocol):
    """`fullmatch` or `search` of a compiled pattern."""

    def __call__(
        self, string: str, *, timeout: float, concurrent: bool | None
    ) -> regex.Match[str] | None: ...


def match_within(match: _Match, text: str, cpu_seconds: float) -> regex.Match[str] | None:
    """`match(text)`; raises TimeoutError after `cpu_seconds` of this thread's own work.

    A timeout of `regex` counts what every thread of the process computes: by its clock alone, other
    threads would have a short name refused.
    """
    start = time.thread_time()
    while True:
        try:
            return match(text, timeout=cpu_seconds, concurrent=False)
        except TimeoutError:
            if time.thread_time() - start >= cpu_seconds:
                raise

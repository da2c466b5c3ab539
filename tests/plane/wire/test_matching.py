"""Patterns of strangers: what explodes ends, and what others compute refuses nothing."""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import regex

from sagemaker_local.wire.matching import match_within

EXPLODES = regex.compile(r"(.*?,){25}P")
LONG = ",".join("abcdefghijkl" * 4)


@contextmanager
def others_compute() -> Iterator[None]:
    """Two threads that compute without Python's lock until the block ends."""
    over = threading.Event()

    def compute() -> None:
        while not over.is_set():
            hashlib.sha256(bytes(1_000_000))

    threads = [threading.Thread(target=compute) for _ in range(2)]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        over.set()
        for each in threads:
            each.join()


def test_a_pattern_that_explodes_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        match_within(EXPLODES.search, LONG, 0.05)


def test_a_pattern_that_explodes_is_given_up_while_others_compute() -> None:
    with others_compute(), pytest.raises(TimeoutError):
        match_within(EXPLODES.search, LONG, 0.05)


def test_a_clock_that_ran_for_other_threads_refuses_nothing() -> None:
    pattern, calls = regex.compile("[a-z]+"), itertools.count()

    def slow(text: str, **options: Any) -> regex.Match[str] | None:
        if next(calls) < 3:
            raise TimeoutError
        return pattern.fullmatch(text, **options)

    assert match_within(slow, "churn", 0.5) is not None

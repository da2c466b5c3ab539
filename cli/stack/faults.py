"""Faults of the local SageMaker while something is played; those that were there before come back after it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from cli.stack.stack import Stack

PAGE = "/_local/faults"
SECONDS = 30
OPTIONS = ("name", "times", "seconds", "limit", "reason")
UNSAID = (
    "*",
    None,
    0,
    "AlgorithmError: a scripted fault",
)  # what the page shows of an option that was not given


@contextmanager
def faults(stack: Stack, rules: Sequence[dict[str, Any]]) -> Iterator[None]:
    """The local SageMaker follows these rules, besides its own, while the block runs."""
    before = [given for rule in _asked(stack, "GET") if (given := as_given(rule)).get("times") != 0]
    put_faults(stack, [*rules, *before])
    try:
        yield
    finally:
        put_faults(stack, before)


def put_faults(stack: Stack, rules: Sequence[dict[str, Any]]) -> None:
    """Only these from now on."""
    _asked(stack, "PUT", json.dumps(list(rules)).encode())


def are_used_up(stack: Stack) -> bool:
    """Whether every rule that is for so many times has been taken so often."""
    return all(rule["times"] in (None, rule["taken"]) for rule in _asked(stack, "GET"))


def as_given(shown: dict[str, Any]) -> dict[str, Any]:
    """A rule of the page, as it is put there; `times` is what is left of it."""
    given = {name: shown[name] for name in OPTIONS if shown[name] not in UNSAID}
    if "times" in given:
        given["times"] -= shown["taken"]
    return {"fault": shown["fault"], shown["target"]: shown["pattern"], **given}


def _asked(stack: Stack, method: str, body: bytes = b"") -> list[dict[str, Any]]:
    request = stack.signed(method, PAGE, body)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - the plane's own, on loopback
        shown: list[dict[str, Any]] = json.loads(answer.read())
    return shown

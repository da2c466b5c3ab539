"""No test fails because a machine is slow: what must happen is waited for as long as `patience` says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import patience

TESTS = Path(__file__).parent
WAITS = {"timeout", "wait", "wait_for", "join", "communicate", "create_connection", "result"}
CLOCKS = ("monotonic()", "perf_counter()")


def is_short_wait(node: ast.AST) -> bool:
    """Whether a wait ends after a number of seconds that is written down beside it."""
    if not isinstance(node, ast.Call) or "mark" in ast.unparse(node.func):
        return False
    bounds = [each.value for each in node.keywords if each.arg == "timeout"]
    if isinstance(node.func, ast.Attribute) and node.func.attr in WAITS:
        bounds += node.args[-1:]
    seconds = [each.value for each in bounds if isinstance(each, ast.Constant)]
    return any(isinstance(each, int | float) and 1 <= each < 120 for each in seconds)


def asserts_speed(node: ast.AST) -> bool:
    """Whether time that has gone by must be less than something."""
    if not isinstance(node, ast.Assert) or not isinstance(node.test, ast.Compare):
        return False
    elapsed = ast.unparse(node.test.left)
    return (
        isinstance(node.test.ops[0], ast.Lt | ast.LtE)
        and "-" in elapsed
        and any(clock in elapsed for clock in CLOCKS)
    )


def expects_the_end(node: ast.AST) -> bool:
    """Whether the wait is for something that must not come, or may not."""
    if isinstance(node, ast.With):
        return "TimeoutError" in ast.unparse(node.items[0])
    return isinstance(node, ast.Try) and any("Timeout" in ast.unparse(each) for each in node.handlers)


def slow_machine_fails(node: ast.AST) -> Iterator[int]:
    """The lines that hang on how fast the machine is."""
    if expects_the_end(node):
        return
    if is_short_wait(node) or asserts_speed(node):
        yield getattr(node, "lineno", 0)
    for child in ast.iter_child_nodes(node):
        yield from slow_machine_fails(child)


@pytest.mark.parametrize(
    "code",
    [
        "asyncio.timeout(20)",
        "asyncio.wait_for(run(), 20)",
        "process.wait(10)",
        "process.wait(timeout=10)",
        "assert time.monotonic() - began < 1",
    ],
)
def test_a_line_that_a_slow_machine_fails_is_found(code: str) -> None:
    assert list(slow_machine_fails(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "asyncio.timeout(patience.SECONDS)",
        "with pytest.raises(TimeoutError):\n    process.wait(1)",
        "try:\n    process.wait(10)\nexcept TimeoutExpired:\n    process.kill()",
        "assert time.monotonic() - began >= 1",
    ],
)
def test_a_line_that_holds_on_every_machine_is_not(code: str) -> None:
    assert not list(slow_machine_fails(ast.parse(code)))


def test_no_test_hangs_on_how_fast_the_machine_is() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in TESTS.rglob("*.py")
        for line in slow_machine_fails(ast.parse(path.read_text()))
    ]
    assert found == [], "wait for patience.SECONDS (tests/patience.py)"


def test_what_tests_ask_of_it_is_there() -> None:
    """Also those that `make test` leaves to other targets."""
    asked = {
        node.attr
        for path in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "patience"
    }
    assert asked <= set(vars(patience))

"""A feature that gives the target away is found, and honest ones are not suspected."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.intake.rules.leakage import MINIMUM_ROWS, Leakage

Column = Callable[[int, float], object]


def found(
    column: Column, label: Callable[[int], float], rows: int = 60, **options: object
) -> tuple[str, str] | None:
    """What is said of a table with one column beside an honest one."""
    leakage = Leakage(("honest", "x", "y"), "y", **options)  # type: ignore[arg-type]
    for row in range(rows):
        target = label(row)
        value = column(row, target)
        leakage.add([float((row * 7919) % 13), math.nan if value == "" else float(value), target])  # type: ignore[arg-type]
    seen = leakage.found()
    return seen and seen[:2]


def parity(row: int) -> float:
    return float(row % 2)


def real(row: int) -> float:
    return (row * 37 % 101) / 7


@pytest.mark.parametrize(
    ("column", "label", "says"),
    [
        pytest.param(lambda _, y: y, parity, "equals the target", id="a copy"),
        pytest.param(lambda _, y: y, real, "equals the target", id="a copy of a number"),
        pytest.param(lambda _, y: 3 * y - 1, real, "is the target, scaled", id="scaled"),
        pytest.param(lambda _, y: y * 1e-12, real, "is the target, scaled", id="scaled to tiny"),
        pytest.param(lambda _, y: 1 - y, parity, "is the target, scaled", id="the other way round"),
        pytest.param(
            lambda _, y: {0.0: 17, 1.0: 4, 2.0: 9}[y],
            lambda row: float(row % 3),
            "has one value for each value of the target",
            id="a code",
        ),
        pytest.param(lambda row, y: "" if row % 5 == 0 else y, parity, "equals the target", id="with gaps"),
    ],
)
def test_a_leak_is_named(column: Column, label: Callable[[int], float], says: str) -> None:
    assert found(column, label) == ("x", says)


@pytest.mark.parametrize(
    ("column", "label"),
    [
        pytest.param(lambda row, _: row, parity, id="an identifier"),
        pytest.param(lambda row, _: row, real, id="an identifier beside a number"),
        pytest.param(lambda *_: 1, parity, id="a constant"),
        pytest.param(lambda row, y: y if row != 40 else 1 - y, parity, id="right but once"),
        pytest.param(lambda _, y: round(y), real, id="a coarse copy"),
        pytest.param(
            lambda row, y: y if row < MINIMUM_ROWS - 1 else "nan", parity, id="too few rows to tell"
        ),
        pytest.param(lambda *_: "", parity, id="nothing at all"),
        pytest.param(lambda row, _: (row * 37 % 101 + 1) * 1e-13, parity, id="tiny"),
        pytest.param(lambda row, _: (row * 41 % 97 + 1) * 1e-30, real, id="tiny beside a number"),
        pytest.param(lambda row, _: 1e9 + row * 37 % 97, parity, id="large and close together"),
    ],
)
def test_what_is_no_leak(column: Column, label: Callable[[int], float]) -> None:
    assert found(column, label) is None


def test_a_trusted_column_may_do_it() -> None:
    assert found(lambda _, y: y, parity, trusted=("x",)) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=MINIMUM_ROWS, max_size=80))
def test_only_a_column_with_one_value_a_label_is_ever_named(rows: list[tuple[int, int]]) -> None:
    leakage = Leakage(("x", "y"), "y")
    for x, y in rows:
        leakage.add([float(x), float(y)])
    labels: dict[int, set[int]] = {}
    values: dict[int, set[int]] = {}
    for x, y in rows:
        labels.setdefault(x, set()).add(y)
        values.setdefault(y, set()).add(x)
    one_to_one = all(len(s) == 1 for s in (*labels.values(), *values.values())) and len(labels) > 1
    assert (leakage.found() is not None) == one_to_one

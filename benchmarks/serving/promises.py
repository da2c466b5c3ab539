"""What must hold of the serving container."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.checks import Check, middle
from benchmarks.serving.contenders import (
    CLASSIC,
    CONTAINER,
    DMATRIX,
    ON_TEXTS,
    ONE_BESIDE,
    ONE_WORKER,
    THE_FLOOR,
    TWO_WORKERS,
)

Row = dict[str, Any]
Key = tuple[str, str, int, int]
EACH, SHARES = "cpu_us_of_each_round", "busiest_of_each_round"
# The caller has four fifths of one core, so the worker on the other can have 1 / 1.2 of the work, and has 0.5 to 0.69;
# a worker that is not asked at all leaves all of it, 1, to the other.
MOST_SHARE = 0.75


def promises(rows: Sequence[Row]) -> list[Check]:
    """Of one interpreter's rows; those about peers only where they were measured."""
    by = {(row["server"], row["form"], row["rows"], row["connections"]): row for row in rows}
    python = rows[0]["python"]
    return [replace(check, name=f"{python}: {check.name}") for check in _promises(by)]


def _promises(by: dict[Key, Row]) -> Iterator[Check]:
    for form in ("csv", "json"):
        name = f"one row of {form}, CPU over the floor's"
        yield middle(name, _cpu(by, CONTAINER, THE_FLOOR, form), at_most=2.0)
    yield middle("one row with texts, CPU over numbers'", _cpu(by, ON_TEXTS, CONTAINER), at_most=1.3)
    own = by[CONTAINER, "csv", 1, 8]
    yield Check("8 connections, p99 over p50", tail(own), at_most=3.0)
    yield Check("start to first ping, CPU seconds", own["start_cpu_s"], at_most=1.0)
    two = next(row for row in by.values() if row["server"] == TWO_WORKERS)
    yield from _of_workers(by[ONE_WORKER, "csv", 1, 8], by[ONE_BESIDE, "csv", 1, 8], two)
    if (CLASSIC, "csv", 1, 8) in by:
        yield from _over_peers(by)


def tail(row: Row) -> float:
    """p99 over p50."""
    return float(row["p99_ms"] / row["p50_ms"])


def _of_workers(one: Row, beside: Row, two: Row) -> Iterator[Check]:
    rounds = zip(one[EACH], beside[EACH], two[EACH], strict=True)
    ratios = [2 / both / ((1 / alone + 1 / near) / 2) for alone, near, both in rounds]
    yield middle("requests/s of two cores over one's", ratios, at_least=1.8)
    yield middle("share of the busier of two workers in the work", two[SHARES], at_most=MOST_SHARE)
    more = (two["memory_mb"] - one["memory_mb"]) / one["memory_mb"]
    yield Check("memory of a second worker over the first's", more, at_most=0.35)


def _over_peers(by: dict[Key, Row]) -> Iterator[Check]:
    yield middle("requests/s over nginx+gunicorn+Flask+pandas'", _cpu(by, CLASSIC, CONTAINER), at_least=30)
    yield middle("requests/s over gunicorn+gevent+Flask+DMatrix's", _cpu(by, DMATRIX, CONTAINER), at_least=8)
    shares = _cpu(by, CONTAINER, CLASSIC, rows=1000)
    yield middle("1,000 rows, CPU over nginx+gunicorn+Flask+pandas'", shares, at_most=0.5)


def _cpu(by: dict[Key, Row], one: str, other: str, form: str = "csv", rows: int = 1) -> list[float]:
    """CPU of one server over another's, round by round: in a round they are asked within seconds of each other."""
    sides = (by[name, form, rows, 8][EACH] for name in (one, other))
    return [own / theirs for own, theirs in zip(*sides, strict=True)]

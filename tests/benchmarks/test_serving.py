"""The serving benchmark measures what it says: every server answers, and a promise is what its rows say."""

from pathlib import Path

import pytest

from benchmarks.serving.__main__ import measure
from benchmarks.serving.contenders import CLASSIC, DMATRIX
from benchmarks.serving.promises import EACH, SHARES, promises

ROOT = Path(__file__).resolve().parents[2]


def test_a_short_run_asks_every_server_of_ours_for_one_row_and_for_many() -> None:
    rows = measure(ROOT / ".venvs/container/bin/python", None, rounds=1, seconds=0.2, connections=(8,))
    assert [(row["server"], row["form"], row["rows"]) for row in rows] == [
        *[("floor", form, n) for form in ("csv", "json") for n in (1, 1000)],
        *[("bare HTTP", "csv", n) for n in (1, 1000)],
        *[("container", form, n) for form in ("csv", "json") for n in (1, 1000)],
        *[(name, "csv", n) for name in ("XGBoost's engine", "texts", "every kind") for n in (1, 1000)],
        ("1 worker", "csv", 1),
        ("1 worker beside the caller", "csv", 1),
        ("2 workers", "csv", 1),
    ]
    assert all(row["cpu_us"] > 0 and row["rps"] > 0 and row["memory_mb"] > 1 for row in rows)
    floor, container = rows[0], rows[6]
    assert promises(rows)[0].value == container["cpu_us"] / floor["cpu_us"]


def row(server: str, cpu_us: float, form: str = "csv", rows: int = 1, **more: object) -> dict[str, object]:
    about = {
        "python": "3.11.7",
        "server": server,
        "form": form,
        "rows": rows,
        "connections": 8,
        "cpu_us": cpu_us,
    }
    return {
        **about,
        "p50_ms": 1.0,
        "p99_ms": 3.0,
        "start_cpu_s": 0.2,
        "memory_mb": 50.0,
        "busiest_us": cpu_us,
        EACH: [cpu_us],
        **more,
    }


MEASURED = [
    row("container", 40),
    row("container", 50, "json"),
    row("floor", 20),
    row("floor", 20, "json"),
    row("bare HTTP", 10),
    row("texts", 60),
    row("1 worker", 35),
    row("1 worker beside the caller", 42),
    row("2 workers", 41, memory_mb=60.0, connections=16, **{SHARES: [0.5, 0.68, 0.6]}),
]
PEERS = [
    row(CLASSIC, 1100),
    row(DMATRIX, 400),
    row("container", 6000, rows=1000),
    row(CLASSIC, 10_000, rows=1000),
]


def test_what_is_over_a_line_is_missed() -> None:
    missed = [check.name for check in promises(MEASURED + PEERS) if not check.passed]
    assert missed == [
        "3.11.7: one row of json, CPU over the floor's",
        "3.11.7: one row with texts, CPU over numbers'",
        "3.11.7: requests/s over nginx+gunicorn+Flask+pandas'",
        "3.11.7: 1,000 rows, CPU over nginx+gunicorn+Flask+pandas'",
    ]


def test_a_tail_of_more_than_three_medians_is_missed_however_busy_the_machine_is() -> None:
    slow = [{**each, "p99_ms": 6.0} if each["server"] == "container" else each for each in MEASURED]
    busy = [{**each, "p99_ms": 6.5} if each["server"] == "bare HTTP" else each for each in slow]
    told = [next(check for check in promises(rows) if "p99" in check.name) for rows in (MEASURED, slow, busy)]
    assert [check.passed for check in told] == [True, False, False]


def test_two_workers_are_held_against_the_mean_of_one_on_either_core() -> None:
    told = next(check for check in promises(MEASURED) if "two cores" in check.name)
    assert told.value == pytest.approx((2 / 41) / ((1 / 35 + 1 / 42) / 2))
    assert told.passed


def test_a_ratio_is_the_middle_of_those_of_each_round() -> None:
    """The quietest rounds of both would give 33 / 20."""
    rounds = {"container": [33, 66, 44], "floor": [30, 60, 20]}
    rows = [{**each, EACH: rounds.get(str(each["server"]), [30, 60, 20])} for each in MEASURED]
    told = next(check for check in promises(rows) if "row of csv" in check.name)
    assert (told.value, told.spread) == (1.1, (1.1, 2.2))


def test_a_worker_that_has_most_of_the_work_is_a_line_that_is_missed() -> None:
    lopsided = [
        {**each, SHARES: [0.5, 0.8, 0.9]} if each["server"] == "2 workers" else each for each in MEASURED
    ]
    told = [
        next(check for check in promises(rows) if "busier" in check.name) for rows in (MEASURED, lopsided)
    ]
    assert [check.passed for check in told] == [True, False]


def test_without_peers_nothing_is_said_of_them() -> None:
    assert not [check.name for check in promises(MEASURED) if "Flask" in check.name]

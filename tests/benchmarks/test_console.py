"""The benchmark of the console asks for every page, and misses what is over its line."""

from benchmarks.console import PAGES, checks, measure, row, seed
from benchmarks.console_ledger import OF_LARGE
from tests.console.site import site


def test_a_short_run_asks_every_page_of_a_small_ledger() -> None:
    with site() as small:
        assert seed(small, 3, OF_LARGE + 10) > 2 * OF_LARGE  # runs, and their uploads
        rows = measure(small, seconds=0, consoles=1)
    assert [each["page"] for each in rows] == list(PAGES)
    assert all(each["first_ms"] > 0 and each["worst_cpu_ms"] > 0 and each["asked"] == 2 for each in rows)


def test_the_first_look_is_the_middle_one_of_all_consoles() -> None:
    again = {"asked": 2, "p95_ms": 9.0, "worst_cpu_ms": 101.0}
    found = row("models", [(104.0, 500.0), (276.0, 900.0), (102.0, 700.0)], again)
    assert (found["first_ms"], found["filled_ms"]) == (104.0, 700.0)
    often, first, drawn = checks(found)
    assert (first.value, first.spread) == (104.0, (102.0, 276.0))
    assert [often.passed, first.passed, drawn.passed] == [True, True, False]

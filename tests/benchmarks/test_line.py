"""The benchmark of the line counts what it says, and misses what is over its lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.line import demo
from benchmarks.line.__main__ import MOST_TRANSITIONS, of_sweep, played, promises, told
from benchmarks.line.causes import REST, Cause, split
from benchmarks.line.money import TRANSITION, lambda_usd, memory_gb, polling
from benchmarks.line.paths import paths
from tests.contract.cloudformation import functions


def test_a_few_runs_are_promoted_and_nothing_grows() -> None:
    found = played("runs", 6)
    rows = [path.row() for path in paths(found["states"])]
    assert [check.name for check in promises(found, rows) if not check.passed] == []
    assert sum(row["transitions"] for row in rows) == sum(map(len, found["states"].values()))
    assert 0 < told(found)["machines_usd"] < told(found)["usd"]
    assert set(found["invoked"]) >= {"admit_dataset", "start_training", "judge_window", "settle_run"}


def test_a_sweep_of_a_few_quiet_models_does_nothing_and_does_not_grow_with_their_past() -> None:
    few, more = played("models", 3)
    assert [check.name for check in of_sweep(few, more) if not check.passed] == []
    assert few["calls of SageMaker"] > 1
    assert more["runs_each"] > few["runs_each"]
    assert not of_sweep(few, more | {"reads of the ledger": 2 * few["reads of the ledger"]})[1].passed


def test_what_is_over_a_line_is_missed() -> None:
    found = {
        "runs": 3,
        "promoted": 2,
        "transitions": MOST_TRANSITIONS + 1,
        "calls_last_over_first": 1.3,
        "peak_mb": 700.0,
        "invoked": {"sweep": 10_000},
        "milliseconds": {"sweep": 1.0},
        "calls": {"S3 reads": 1},
    }
    checks = promises(found, [{"transitions": 10, "polling_transitions": 40}])
    assert [check.passed for check in checks] == [False] * 6


def test_a_demo_that_is_late_or_not_as_it_must_be_misses_its_lines() -> None:
    good = {"dataset": "v2.csv", "state": "PROMOTED", "expected": "PROMOTED", "errors_by_rollout": 0}
    bad = {**good, "dataset": "v3.csv", "expected": "REJECTED", "errors_by_rollout": 2, "transitions": 9}
    of_good = demo.promises(59.0, [{**good, "transitions": MOST_TRANSITIONS}])
    assert [check.passed for check in of_good] == [True] * 4
    of_bad = demo.promises(61.0, [{**good, "transitions": MOST_TRANSITIONS + 1}, bad])
    assert [check.passed for check in of_bad] == [False] * 4


def test_a_wait_that_polls_is_as_many_states_as_it_has_half_minutes_and_is_seen_late() -> None:
    """The arithmetic of ten minutes and of an hour, at three transitions a look."""
    assert (polling([600]).transitions, polling([3600]).transitions) == (60, 360)
    assert polling([600]).usd * 1000 == pytest.approx(1.50)
    assert polling([600, 3600]).delay == 30
    assert polling([1]).transitions == 3


def test_a_function_costs_by_its_memory() -> None:
    assert functions()["PrepareDatasetFunction"]["MemorySize"] == 1024 * memory_gb("prepare_dataset")
    once = lambda_usd({"sweep": 1}, {"sweep": 1000.0})
    assert once == pytest.approx(0.2e-6 + memory_gb("sweep") * 0.0000166667)
    assert TRANSITION == 25e-6


MOMENTS = st.floats(0, 100, allow_nan=False)
INTERVALS = st.lists(st.tuples(MOMENTS, MOMENTS).map(lambda pair: (min(pair), max(pair))), max_size=4)


@given(INTERVALS, INTERVALS, MOMENTS, MOMENTS)
def test_causes_share_the_time_between_two_moments(ones, others, a, b) -> None:  # type: ignore[no-untyped-def]
    causes = [Cause("lambda", tuple(ones)), Cause("job", tuple(others))]
    found = split(min(a, b), max(a, b), causes)
    assert sum(found.values()) == pytest.approx(abs(a - b))
    assert set(found) <= {"lambda", "job", REST}


def test_an_instant_belongs_to_the_cause_that_is_named_first() -> None:
    causes = [Cause("lambda", ((1, 2), (4, 5))), Cause("job", ((0, 4.5),))]
    assert split(0, 6, causes) == {"lambda": 2, "job": 3, REST: 1}

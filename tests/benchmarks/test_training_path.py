"""The benchmark of training trains, and a promise is what its rows say."""

from pathlib import Path

import pytest

from benchmarks.training_path import CONTAINER, EACH, PANDAS, measure, promises

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venvs/container/bin/python"


def test_a_short_run_trains_and_counts_the_process() -> None:
    [row] = measure(PYTHON, None, rows=2000, boosts=3, rounds=1)
    assert (row["way"], row["rows"]) == (CONTAINER, 2000)
    assert row["cpu_s"] > 0.05
    assert row["peak_mb"] > 30


def test_training_that_fails_ends_the_run() -> None:
    with pytest.raises(RuntimeError, match="num_round"):
        measure(PYTHON, None, rows=100, boosts=-1, rounds=1)


def test_what_takes_more_than_pandas_is_missed() -> None:
    ours, theirs = (
        {"way": CONTAINER, "cpu_s": 9.0, "peak_mb": 80.0, EACH: [9.0]},
        {"way": PANDAS, "cpu_s": 10.0, "peak_mb": 100.0, EACH: [10.0]},
    )
    assert [check.passed for check in promises([ours, theirs])] == [True, False]


def test_a_ratio_is_the_middle_of_those_of_each_round() -> None:
    ours = {"way": CONTAINER, "cpu_s": 9.0, "peak_mb": 60.0, EACH: [9.0, 30.0, 9.0]}
    theirs = {"way": PANDAS, "cpu_s": 8.0, "peak_mb": 100.0, EACH: [10.0, 31.0, 8.0]}
    share = promises([ours, theirs])[0]
    assert (share.value, share.spread) == (30 / 31, (0.9, 1.125))

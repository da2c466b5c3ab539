"""Functions of means: values by definition, errors of a bootstrap; moments of several numbers merge."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import root_mean_squared_error

from switchyard.stats import delta
from switchyard.stats.comoments import CoMoments
from switchyard.stats.moments import PairedMoments

NUMBERS = st.floats(-1e3, 1e3)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=40)


@given(rows=ROWS)
def test_covariances_are_numpys(rows: Any) -> None:
    found, weights = CoMoments.of(rows), [1.0, -2.0, 0.5]
    expected = np.cov(np.array(rows), rowvar=False)
    assert np.array(found.products) / (len(rows) - 1) == pytest.approx(expected, abs=1e-6)
    error = np.std(np.array(rows) @ weights, ddof=1) / np.sqrt(len(rows))
    assert found.error(weights) == pytest.approx(error, abs=1e-6)


@given(rows=ROWS, size=st.integers(1, 9))
def test_chunks_merge_into_the_whole_through_json(rows: Any, size: int) -> None:
    parts, whole = CoMoments(), CoMoments.of(rows)
    for at in range(0, len(rows), size):
        parts += CoMoments.from_list(json.loads(json.dumps(CoMoments.of(rows[at : at + size]).to_list())))
    assert parts.n == whole.n
    assert parts.means == pytest.approx(whole.means, abs=1e-9)
    assert np.array(parts.products) == pytest.approx(np.array(whole.products), abs=1e-5)


def rows_of(count: int, seed: int = 5) -> Any:
    dice = np.random.default_rng(seed)
    truth = dice.lognormal(2.0, 0.5, count)
    old = truth + dice.normal(0, 2.0, count)
    return truth, old, old + dice.normal(0.3, 1.0, count)


def root_of(truth: Any, old: Any, new: Any) -> Any:
    return delta.root(PairedMoments.of(list((old - truth) ** 2), list((new - truth) ** 2)))


def ratio_of(truth: Any, old: Any, new: Any) -> Any:
    sizes = np.column_stack([abs(old - truth), abs(new - truth), abs(truth)])
    return delta.ratio(CoMoments.of(sizes.tolist()))


def test_values_are_those_of_their_definitions() -> None:
    truth, old, new = rows_of(300)
    assert root_of(truth, old, new).champion == pytest.approx(root_mean_squared_error(truth, old), abs=1e-9)
    assert root_of(truth, old, new).challenger == pytest.approx(root_mean_squared_error(truth, new), abs=1e-9)
    assert ratio_of(truth, old, new).challenger == pytest.approx(
        abs(new - truth).sum() / truth.sum(), abs=1e-9
    )


@pytest.mark.parametrize("figure", [root_of, ratio_of])
def test_errors_are_those_of_a_bootstrap(figure: Any) -> None:
    rows, dice = rows_of(800), np.random.default_rng(6)
    found, apart, alone = figure(*rows), [], []
    for _ in range(200):
        at = dice.integers(0, 800, 800)
        again = figure(*(column[at] for column in rows))
        apart.append(again.challenger - again.champion)
        alone.append(again.challenger)
    assert found.error == pytest.approx(np.std(apart), rel=0.15)
    assert found.challenger_error == pytest.approx(np.std(alone), rel=0.15)


def test_models_without_an_error_have_none_that_is_unknown() -> None:
    exact = PairedMoments.of([0.0] * 5, [0.0] * 5)
    assert delta.root(exact) == delta.Compared(0.0, 0.0, 0.0, 0.0)
    assert delta.ratio(CoMoments.of([[1.0, 2.0, 0.0]])) is None
    assert delta.ratio(CoMoments()) is None


def test_without_a_champion_there_is_the_challenger_alone() -> None:
    assert delta.root(PairedMoments.of([], [4.0, 4.0])) == delta.Compared(None, 2.0, 0.0, 0.0)
    alone = delta.ratio(CoMoments.of([[1.0, 2.0], [1.0, 2.0]]))
    assert alone == delta.Compared(None, 0.5, 0.0, 0.0)

"""Figures of labels: scikit-learn's values, errors that are those of a bootstrap, and counts that merge."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from switchyard.stats.confusion import (
    Answers,
    Confusion,
    compare,
    f1,
    mean_cost,
    mean_of_classes,
    precision,
    recall,
)

CLASSES = st.integers(0, 3)
ROWS = st.lists(st.tuples(CLASSES, CLASSES, CLASSES), min_size=1, max_size=60)
FIGURES = [(f1, sk.f1_score), (precision, sk.precision_score), (recall, sk.recall_score)]
COSTS = [[0.0, 1.0, 2.0, 4.0], [3.0, 0.0, 1.0, 1.0], [9.0, 2.0, 0.0, 5.0], [1.0, 1.0, 8.0, 0.0]]


@pytest.mark.parametrize(("figure", "expected"), FIGURES)
@given(rows=ROWS)
def test_of_one_class_and_the_mean_of_all_are_scikit_learns(figure: Any, expected: Any, rows: Any) -> None:
    truth, old, new = (list(column) for column in zip(*rows, strict=True))
    present = sorted(set(truth))
    for chosen in ([present[0]], present):
        found = compare(Confusion.of(rows), mean_of_classes(figure, chosen))
        for value, said in ((found.champion, old), (found.challenger, new)):
            wanted = expected(truth, said, labels=chosen, average="macro", zero_division=0)
            assert value == pytest.approx(wanted, abs=1e-9)


@pytest.mark.filterwarnings("ignore:y_pred contains classes", "ignore:A single label was found")
@given(rows=ROWS)
def test_the_mean_recall_is_scikit_learns_balanced_accuracy(rows: Any) -> None:
    truth, _, new = (list(column) for column in zip(*rows, strict=True))
    found = compare(Confusion.of(rows), mean_of_classes(recall, sorted(set(truth))))
    assert found.challenger == pytest.approx(sk.balanced_accuracy_score(truth, new), abs=1e-9)


def test_a_mean_cost_is_the_sum_over_the_matrix() -> None:
    rows = [(0, 0, 1)] * 6 + [(1, 0, 1)] * 3 + [(2, 2, 0)]
    found = compare(Confusion.of(rows), mean_cost(COSTS))
    assert found.champion == pytest.approx(3 * 3.0 / 10)
    assert found.challenger == pytest.approx((6 * 1.0 + 9.0) / 10)


def test_a_class_beyond_the_matrix_costs_what_is_dearest() -> None:
    assert compare(Confusion.of([(1, None, 7)]), mean_cost(COSTS)).challenger == 3.0


@given(rows=ROWS, size=st.integers(1, 20))
def test_chunks_of_any_size_are_the_whole_to_the_last_digit(rows: Any, size: int) -> None:
    whole, parts = Confusion.of(rows), Confusion()
    for at in range(0, len(rows), size):
        parts += Confusion.of(rows[at : at + size])
    assert parts == whole
    figure = mean_of_classes(f1, sorted({true for true, _, _ in rows}))
    assert compare(parts, figure) == compare(whole, figure)


@pytest.mark.parametrize("figure", [f1, precision, recall])
@given(rows=ROWS)
def test_the_influence_of_a_row_is_what_a_little_of_it_more_changes(figure: Any, rows: Any) -> None:
    pairs = [(true, said, 2.0) for true, _, said in rows]
    statistic = mean_of_classes(figure, sorted({true for true, _, _ in pairs}))
    read = statistic(Answers(pairs))
    for true, said, _ in set(pairs):
        more = statistic(Answers([*pairs, (true, said, 1e-6)])).value
        assert (more - read.value) / 1e-6 == pytest.approx(read.influence(true, said), abs=1e-4)


def sample(rows: int, seed: int = 3) -> list[tuple[int, int | None, int]]:
    """Three classes, the last of them rare; two models that are wrong together more often than by chance."""
    dice = random.Random(seed)  # noqa: S311 - the same draws every time
    found = []
    for true in dice.choices((0, 1, 2), (0.6, 0.3, 0.1), k=rows):
        old = true if dice.random() < 0.8 else dice.randrange(3)
        found.append((true, old, old if dice.random() < 0.7 else dice.choice((true, true, 0, 1, 2))))
    return found  # type: ignore[return-value]


@pytest.mark.parametrize(
    "statistic",
    [
        mean_of_classes(f1, [2]),
        mean_of_classes(f1, [0, 1, 2]),
        mean_of_classes(precision, [2]),
        mean_of_classes(recall, [0, 1, 2]),
        mean_cost(COSTS),
    ],
)
def test_errors_are_those_of_a_bootstrap_by_poisson_weights(statistic: Any) -> None:
    confusion = Confusion.of(sample(4_000))
    cells, dice = confusion.cells, np.random.default_rng(1)
    drawn = []
    for weights in dice.poisson([cell.rows for cell in cells], (400, len(cells))):
        old, new = (
            Answers((c.true, said(c), float(w)) for c, w in zip(cells, weights, strict=True))
            for said in (lambda c: c.champion, lambda c: c.challenger)
        )
        drawn.append(statistic(new).value - statistic(old).value)
    assert compare(confusion, statistic).error == pytest.approx(np.std(drawn), rel=0.1)


def test_models_that_never_disagree_on_a_few_rows_are_not_proved_equal() -> None:
    rows: list[tuple[int, int | None, int]] = [(0, 0, 0)] * 90 + [(1, 1, 1)] * 10
    few, many = (compare(Confusion.of(rows * times), mean_of_classes(f1, [1])) for times in (1, 100))
    assert few.error > 0.05
    assert 0 < many.error < 0.01 * few.error * 2


def test_without_a_champion_there_is_the_challenger_alone() -> None:
    rows = [(true, None, new) for true, _, new in sample(500)]
    alone = compare(Confusion.of(rows), mean_of_classes(f1, [1]))
    both = compare(Confusion.of(sample(500)), mean_of_classes(f1, [1]))
    assert (alone.champion, alone.error) == (None, 0.0)
    assert alone.challenger == both.challenger
    assert alone.challenger_error == pytest.approx(both.challenger_error)

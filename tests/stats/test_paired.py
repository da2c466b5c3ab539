"""Both models on the same rows: figures of scikit-learn, from sums that merge."""

import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from switchyard.stats.paired import PairedSums, Wanted, merge

NAN = float("nan")


def binary_rows(count=400, seed=1, champion=True):
    dice = random.Random(seed)  # noqa: S311
    return [(dice.randint(0, 1), dice.random() if champion else None, dice.random()) for _ in range(count)]


def test_binary_losses_are_scikit_learns():
    rows = binary_rows()
    sums = PairedSums.from_rows("binary", rows)
    labels, new = [y for y, _, _ in rows], [p for _, _, p in rows]
    assert sums.metrics["accuracy"].challenger.mean == pytest.approx(
        1 - sk.accuracy_score(labels, [p >= 0.5 for p in new])
    )
    assert sums.metrics["log_loss"].challenger.mean == pytest.approx(sk.log_loss(labels, new))
    assert sums.metrics["brier"].challenger.mean == pytest.approx(sk.brier_score_loss(labels, new))


def test_regression_losses_are_scikit_learns():
    dice = random.Random(2)  # noqa: S311
    rows = [(dice.gauss(5, 2), dice.gauss(5, 2), dice.gauss(5, 2)) for _ in range(300)]
    sums = PairedSums.from_rows("regression", rows)
    labels, old = [y for y, _, _ in rows], [p for _, p, _ in rows]
    assert sums.metrics["squared_error"].champion.mean == pytest.approx(sk.mean_squared_error(labels, old))
    assert sums.metrics["absolute_error"].champion.mean == pytest.approx(sk.mean_absolute_error(labels, old))


def test_quantile_and_percentage_losses_are_scikit_learns():
    dice = random.Random(2)  # noqa: S311
    rows = [(dice.gauss(5, 2), None, dice.gauss(5, 2)) for _ in range(300)]
    sums = PairedSums.from_rows("regression", rows, Wanted(quantiles=(0.1, 0.9)))
    labels, new = [y for y, _, _ in rows], [p for _, _, p in rows]
    for quantile in (0.1, 0.9):
        assert sums.metrics[f"quantile_loss@{quantile}"].challenger.mean == pytest.approx(
            sk.mean_pinball_loss(labels, new, alpha=quantile), abs=1e-9
        )
    assert sums.metrics["percentage_error"].challenger.mean == pytest.approx(
        sk.mean_absolute_percentage_error(labels, new), abs=1e-9
    )


def test_a_target_of_zero_has_no_percentage():
    sums = PairedSums.from_rows("regression", [(0.0, None, 1.0), (2.0, None, 1.0)])
    assert (sums.metrics["percentage_error"].challenger.n, sums.rows) == (1, 2)


def test_the_brier_loss_of_many_classes_is_the_sum_of_their_squares():
    sums = PairedSums.from_rows("multiclass", [(1, None, (0.2, 0.7, 0.1)), (0, None, (0.0, 0.0, 1.0))])
    assert sums.metrics["brier"].challenger.mean == pytest.approx((0.04 + 0.09 + 0.01 + 2.0) / 2)


def class_rows(count=300):
    dice = random.Random(3)  # noqa: S311
    rows = []
    for _ in range(count):
        weights = [dice.random() for _ in range(3)]
        rows.append((dice.randrange(3), None, tuple(w / sum(weights) for w in weights)))
    return rows


def test_multiclass_losses_are_scikit_learns():
    rows = class_rows()
    sums = PairedSums.from_rows("multiclass", rows)
    labels, new = [y for y, _, _ in rows], [p for _, _, p in rows]
    assert sums.metrics["log_loss"].challenger.mean == pytest.approx(
        sk.log_loss(labels, new, labels=[0, 1, 2])
    )
    assert sums.classes == {str(k): labels.count(k) for k in set(labels)}


def test_chunks_merge_into_the_whole_in_any_order_through_json():
    rows = binary_rows()
    chunks = [PairedSums.from_rows("binary", rows[at : at + 100]) for at in (300, 0, 200, 100)]
    merged = merge(PairedSums.from_dict(json.loads(json.dumps(chunk.to_dict()))) for chunk in chunks)
    whole = PairedSums.from_rows("binary", rows)
    assert (merged.rows, merged.classes, merged.scores) == (whole.rows, whole.classes, whole.scores)
    for name, pair in whole.metrics.items():
        assert merged.metrics[name].difference.mean == pytest.approx(pair.difference.mean)
        assert merged.metrics[name].difference.m2 == pytest.approx(pair.difference.m2)


PROBABILITY = st.floats(0, 1)
ANSWERS = {
    "binary": (st.sampled_from([0, 1]), PROBABILITY),
    "multiclass": (st.integers(0, 2), st.tuples(PROBABILITY, PROBABILITY, PROBABILITY)),
    "regression": (st.integers(-9, 9).map(float), st.floats(-1e3, 1e3)),
}


@given(data=st.data(), problem=st.sampled_from(sorted(ANSWERS)), size=st.integers(1, 15))
def test_chunks_of_any_size_come_to_the_sums_of_one_pass(data, problem, size):
    label, answer = ANSWERS[problem]
    rows = data.draw(st.lists(st.tuples(label, answer, answer), min_size=1, max_size=40))
    wanted = Wanted(areas=(0, 1, 2)) if problem == "multiclass" else Wanted()
    wanted = Wanted(quantiles=(0.8,)) if problem == "regression" else wanted
    whole = PairedSums.from_rows(problem, rows, wanted)
    chunks = (PairedSums.from_rows(problem, rows[at : at + size], wanted) for at in range(0, len(rows), size))
    merged = merge(PairedSums.from_dict(json.loads(json.dumps(chunk.to_dict()))) for chunk in chunks)
    for name in ("rows", "invalid", "classes", "scores", "confusion", "areas"):
        assert getattr(merged, name) == getattr(whole, name)
    for name, pair in whole.metrics.items():
        assert merged.metrics[name].difference.mean == pytest.approx(pair.difference.mean, rel=1e-9, abs=1e-9)
    assert merged.sizes.means == pytest.approx(whole.sizes.means, abs=1e-9)
    assert merged.calibration.cells.keys() == whole.calibration.cells.keys()


def test_sums_of_an_older_release_are_read():
    older = PairedSums.from_rows("binary", binary_rows()).to_dict()
    for part in ("confusion", "calibration", "areas", "sizes"):
        del older[part]
    assert PairedSums.from_dict(older).rows == 400


def test_a_number_beyond_float32_is_no_answer():
    assert PairedSums.from_rows("regression", [(1.0, 1.0, 1e39), (1.0, 1.0, 2.0)]).invalid == 1


def test_an_empty_chunk_changes_nothing():
    whole = PairedSums.from_rows("binary", binary_rows())
    assert (whole + PairedSums.from_rows("binary", [])).metrics == whole.metrics


def test_without_a_champion_only_the_challenger_is_scored():
    sums = PairedSums.from_rows("binary", binary_rows(champion=False))
    assert not sums.paired
    assert sums.metrics["log_loss"].champion.n == 0
    assert sums.metrics["log_loss"].challenger.n == 400


@pytest.mark.parametrize("broken", [NAN, math.inf, -0.1, 1.5])
def test_unusable_predictions_of_the_challenger_are_counted(broken):
    sums = PairedSums.from_rows("binary", [(1, 0.5, broken), (0, 0.5, 0.5)])
    assert (sums.rows, sums.invalid) == (1, 1)


def test_a_missing_class_probability_is_unusable():
    assert PairedSums.from_rows("multiclass", [(2, None, (0.5, 0.5))]).invalid == 1


@pytest.mark.parametrize(
    ("problem", "rows", "message"),
    [
        ("binary", [(2, None, 0.5)], "row 1: a binary label must be 0 or 1"),
        ("binary", [(NAN, None, 0.5)], "row 1: the label is not a number"),
        ("regression", [(1e200, None, 0.5)], "row 1: the label is too large for 32-bit floating point"),
        ("multiclass", [(0.5, None, (1.0,))], "row 1: a class label must be an index"),
        ("binary", [(1, NAN, 0.5)], "row 1: the champion's prediction is not usable"),
        ("binary", [(1, 0.5, 0.5), (1, None, 0.5)], "pairs must be complete"),
        ("ranking", [], "problem: 'ranking' is unknown"),
    ],
)
def test_rows_that_cannot_be_compared_are_refused(problem, rows, message):
    with pytest.raises(ValueError, match=message):
        PairedSums.from_rows(problem, rows)


def test_chunks_of_different_kinds_do_not_merge():
    alone, paired = (
        PairedSums.from_rows("binary", [(1, None, 0.5)]),
        PairedSums.from_rows("binary", [(1, 0.5, 0.5)]),
    )
    with pytest.raises(ValueError, match="pairs must be complete"):
        alone + paired
    with pytest.raises(ValueError, match="cannot merge"):
        alone + PairedSums.from_rows("regression", [(1.0, None, 1.0)])

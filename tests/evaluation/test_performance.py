"""Curves, calibration, confusion and residuals from the sums of the gate: those of scikit-learn, bounded, mergeable."""

import json
import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from switchyard.evaluation.rules.performance import Curves, Performance, performance_of
from switchyard.stats.paired import PairedSums
from tests.evaluation.test_gate import rows as binary_rows

share = st.floats(0.0, 1.0)
binary_tables = st.lists(st.tuples(st.sampled_from([0, 1]), share, share), min_size=1, max_size=60)


def binary(rows: Any) -> Performance:
    return performance_of(PairedSums.from_rows("binary", rows), ("no", "yes"))


def of_three(count: int, seed: int) -> list[Any]:
    dice, rows = random.Random(seed), []  # noqa: S311
    for _ in range(count):
        label, models = dice.randrange(3), []
        for _ in range(2):
            raw = [dice.random() + (0.8 if at == label else 0) for at in range(3)]
            models.append([each / sum(raw) for each in raw])
        rows.append((label, *models))
    return rows


def of_numbers(count: int, seed: int) -> list[Any]:
    dice, rows = random.Random(seed), []  # noqa: S311
    for _ in range(count):
        label = dice.gauss(50, 20)
        rows.append((label, label + dice.gauss(0, 5), label + dice.gauss(1, 3)))
    return rows


def area(points: Any) -> float:
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))


def test_areas_under_the_curves_are_scikit_learns() -> None:
    rows = binary_rows(3000)
    found = binary(rows)
    labels = [label for label, _, _ in rows]
    assert found.champion is not None
    for curves, scores in ((found.champion, [r[1] for r in rows]), (found.challenger, [r[2] for r in rows])):
        assert area(curves.roc) == pytest.approx(sk.roc_auc_score(labels, scores), abs=0.003)
        precision, recall, _ = sk.precision_recall_curve(labels, scores)
        assert area(curves.precision_recall) == pytest.approx(sk.auc(recall, precision), abs=0.02)


def test_calibration_is_scikit_learns() -> None:
    rows = binary_rows(3000)
    came, said = calibration_curve([r[0] for r in rows], [r[2] for r in rows], n_bins=10)
    found = binary(rows).challenger.calibration
    assert [each.predicted for each in found] == pytest.approx(list(said), abs=0.005)
    assert [each.came_true for each in found] == pytest.approx(list(came), abs=0.02)
    assert all(each.low <= each.came_true <= each.high for each in found)


def test_confusion_is_scikit_learns_and_classes_have_their_names() -> None:
    rows = of_three(500, 1)
    found = performance_of(PairedSums.from_rows("multiclass", rows), ("ada", "bea", "cal"))
    said = [max(range(3), key=row[2].__getitem__) for row in rows]
    assert found.classes == ("ada", "bea", "cal")
    assert [list(row) for row in found.challenger.confusion] == sk.confusion_matrix(
        [row[0] for row in rows], said
    ).tolist()
    assert found.challenger.roc == ()
    assert sum(each.rows for each in found.challenger.calibration) == 500


def test_residuals_have_the_shares_and_means_of_the_rows() -> None:
    rows = of_numbers(4000, 1)
    found = performance_of(PairedSums.from_rows("regression", rows)).challenger
    assert sum(bar.share for bar in found.residuals) == pytest.approx(1.0, abs=1e-4)
    mean = sum(bar.share * (bar.low + bar.high) / 2 for bar in found.residuals)
    assert mean == pytest.approx(1.0, abs=0.3)
    assert sum(each.rows for each in found.by_prediction) == 4000
    assert 3 <= len(found.by_prediction) <= 20
    assert all(
        each.deviation == pytest.approx(3.0, rel=0.25) for each in found.by_prediction if each.rows > 300
    )


@settings(max_examples=60)
@given(binary_tables, st.integers(1, 7))
def test_chunks_say_what_the_whole_says(rows: Any, size: int) -> None:
    parts = [PairedSums.from_rows("binary", rows[at : at + size]) for at in range(0, len(rows), size)]
    merged = parts[0]
    for part in parts[1:]:
        merged += part
    first, second = binary(rows), performance_of(merged, ("no", "yes"))
    assert (first.challenger, first.champion) == (second.challenger, second.champion)


@settings(max_examples=60)
@given(binary_tables)
def test_curves_rise_from_nothing_to_everything(rows: Any) -> None:
    roc = binary(rows).challenger.roc
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(roc))
    assert not roc or (roc[0], roc[-1]) == ((0.0, 0.0), (1.0, 1.0))


def test_what_is_kept_has_a_bound_and_no_row_in_it() -> None:
    found = binary(binary_rows(20_000))
    text = json.dumps(found.to_dict())
    assert len(text) < 20_000
    assert Performance.from_dict(json.loads(text)) == found
    numbers = performance_of(PairedSums.from_rows("regression", of_numbers(5000, 2)))
    assert len(json.dumps(numbers.to_dict())) < 10_000


def test_a_model_alone_has_no_champion() -> None:
    found = performance_of(PairedSums.from_rows("binary", binary_rows(500, champion_noise=None)))
    assert found.champion is None
    assert found.challenger.confusion
    assert found.classes == ("0", "1")


def test_rows_of_one_class_have_no_curve() -> None:
    found = binary([(1, 0.4, 0.9)] * 30)
    assert found.challenger.roc == ()
    assert found.challenger == Curves(calibration=found.challenger.calibration, confusion=((0, 0), (0, 30)))

"""Area under the ROC curve against scikit-learn, DeLong against its definition, bins against exact."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from switchyard.stats.auc import ScoreCounts, delong, from_counts, mean_of

scores = st.floats(0.0, 1.0)
rows = st.lists(st.tuples(st.booleans(), scores, scores), min_size=4, max_size=60)


def sample(seed, count, noise=0.4):
    dice = random.Random(seed)  # noqa: S311
    found = []
    for _ in range(count):
        signal = dice.gauss(0, 1.5)
        logistic = [1 / (1 + math.exp(-(signal + dice.gauss(0, noise)))) for _ in range(2)]
        found.append((dice.random() < 1 / (1 + math.exp(-signal)), *logistic))
    return found


@given(rows)
def test_exact_area_is_scikit_learns(found):
    labels = [positive for positive, _, _ in found]
    area = delong(found)
    if len(set(labels)) < 2:
        assert area is None
    else:
        assert area.challenger == pytest.approx(roc_auc_score(labels, [new for _, _, new in found]))
        assert area.champion == pytest.approx(roc_auc_score(labels, [old for _, old, _ in found]))


def test_delong_error_is_that_of_its_structural_components():
    found = sample(1, 300)
    positives, negatives = [r for r in found if r[0]], [r for r in found if not r[0]]
    kernel = lambda p, n: (p > n) + (p == n) / 2  # noqa: E731
    v10 = [
        sum(kernel(p[2], n[2]) - kernel(p[1], n[1]) for n in negatives) / len(negatives) for p in positives
    ]
    v01 = [
        sum(kernel(p[2], n[2]) - kernel(p[1], n[1]) for p in positives) / len(positives) for n in negatives
    ]
    variance = sum(_variance(v) / len(v) for v in (v10, v01))
    assert delong(found).error == pytest.approx(math.sqrt(variance))


def _variance(values):
    mean = sum(values) / len(values)
    return sum((v - mean) ** 2 for v in values) / (len(values) - 1)


@given(rows)
def test_bins_are_off_by_no_more_than_they_say(found):
    exact, binned = delong(found), from_counts(ScoreCounts.of(found))
    if exact is None:
        assert binned is None
    else:
        assert abs(binned.challenger - exact.challenger) <= binned.hidden + 1e-9
        assert abs(binned.difference - exact.difference) <= 2 * binned.hidden + 1e-9


def test_binned_error_is_close_to_the_exact_one():
    found = sample(2, 4_000)
    assert from_counts(ScoreCounts.of(found)).error == pytest.approx(delong(found).error, rel=0.1)


def test_chunks_merge_into_the_whole():
    found = sample(3, 400)
    merged = ScoreCounts.of(found[:150]) + ScoreCounts.of(found[150:])
    assert merged == ScoreCounts.of(found)
    assert ScoreCounts.from_dict(merged.to_dict()) == merged


def test_without_a_champion_there_is_no_difference():
    alone = [(positive, None, new) for positive, _, new in sample(4, 300)]
    exact, binned = delong(alone), from_counts(ScoreCounts.of(alone))
    assert exact.champion is binned.champion is None
    assert exact.difference == binned.difference == 0.0
    assert binned.challenger_error == pytest.approx(exact.challenger_error, rel=0.02)


def test_the_mean_over_classes_is_scikit_learns_one_against_the_rest():
    dice = random.Random(8)  # noqa: S311
    labels, answers = [], []
    for _ in range(600):
        weights = [dice.expovariate(1) for _ in range(3)]
        answers.append([w / sum(weights) for w in weights])
        labels.append(dice.choices((0, 1, 2), answers[-1])[0])
    rows = [[(y == k, None, p[k]) for y, p in zip(labels, answers, strict=True)] for k in range(3)]
    wanted = roc_auc_score(labels, answers, multi_class="ovr")
    assert mean_of([delong(each) for each in rows]).challenger == pytest.approx(wanted, abs=1e-9)
    binned = mean_of([from_counts(ScoreCounts.of(each)) for each in rows])
    assert abs(binned.challenger - wanted) <= binned.hidden


def test_the_error_of_a_mean_is_no_less_than_if_all_classes_moved_together():
    area = delong(sample(5, 300))
    assert mean_of([area] * 3).error == pytest.approx(area.error)

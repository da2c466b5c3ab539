"""The offline gate: pass, fail, or not enough data; never a pass for want of evidence."""

import math
import random

import pytest

from switchyard.core.gate_policy import GateMetric, GatePolicy
from switchyard.core.policy import Problem
from switchyard.evaluation.rules.gate import Evaluation, GateOutcome, judge_gate
from switchyard.stats.auc import delong
from switchyard.stats.paired import PairedSums


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def rows(count, champion_noise=0.2, challenger_noise=0.2, seed=1):
    """Two noisy readings of one true score; a noise of None is no champion."""
    dice = random.Random(seed)  # noqa: S311 - the same draws every time
    found = []
    for _ in range(count):
        score = dice.gauss(0, 2)
        label = int(dice.random() < sigmoid(score))
        old = None if champion_noise is None else sigmoid(score + dice.gauss(0, champion_noise))
        found.append((label, old, sigmoid(score + dice.gauss(0, challenger_noise))))
    return found


def binary(*args, **kwargs):
    return PairedSums.from_rows("binary", rows(*args, **kwargs))


def outcomes(verdict):
    return {figure.metric: figure.outcome for figure in verdict.figures if not figure.slice}


def test_an_equal_challenger_passes_every_metric():
    verdict = judge_gate(Evaluation(binary(8_000)), GatePolicy())
    assert verdict.outcome is GateOutcome.PASS
    assert set(outcomes(verdict)) == {"accuracy", "log_loss", "auc"}


def test_a_worse_challenger_fails_and_says_by_how_much():
    verdict = judge_gate(Evaluation(binary(4_000, challenger_noise=3.0)), GatePolicy())
    assert verdict.outcome is GateOutcome.FAIL
    assert "accuracy: worse by" in verdict.reason
    figure = verdict.figures[0]
    assert figure.harm_interval[0] < figure.harm < figure.harm_interval[1]
    assert figure.challenger == pytest.approx(figure.champion - figure.harm)


def test_a_few_rows_are_not_enough_data():
    assert judge_gate(Evaluation(binary(199)), GatePolicy()).outcome is GateOutcome.NOT_ENOUGH_DATA
    small = judge_gate(Evaluation(binary(400, 0.5, 0.5)), GatePolicy())
    assert small.outcome is GateOutcome.NOT_ENOUGH_DATA


def test_models_that_agree_on_too_few_rows_are_not_proved_equal():
    sums = PairedSums.from_rows(
        "binary", [(at % 2, 0.1 + 0.8 * (at % 2), 0.1 + 0.8 * (at % 2)) for at in range(250)]
    )
    policy = GatePolicy(metrics={"accuracy": GateMetric(0.01)})
    assert judge_gate(Evaluation(sums), policy).outcome is GateOutcome.NOT_ENOUGH_DATA


def test_the_first_model_has_to_beat_the_trivial_one():
    good = judge_gate(Evaluation(binary(2_000, None)), GatePolicy())
    assert good.outcome is GateOutcome.PASS
    assert all(figure.margin is None for figure in good.figures)
    useless = [(y, None, 0.5) for y, _, _ in rows(2_000, None)]
    assert (
        judge_gate(Evaluation(PairedSums.from_rows("binary", useless)), GatePolicy()).outcome
        is not GateOutcome.PASS
    )


def test_a_declared_floor_binds_champion_or_not():
    policy = GatePolicy(metrics={"accuracy": GateMetric(0.01, floor=0.99)})
    for noise in (None, 0.2):
        verdict = judge_gate(Evaluation(binary(4_000, noise)), policy)
        assert verdict.outcome is GateOutcome.FAIL
        assert "misses the floor 0.99" in verdict.reason


def test_unusable_predictions_fail_whatever_the_figures_say():
    broken = rows(2_000)
    broken[7] = (broken[7][0], broken[7][1], float("nan"))
    verdict = judge_gate(Evaluation(PairedSums.from_rows("binary", broken)), GatePolicy())
    assert verdict.outcome is GateOutcome.FAIL
    assert verdict.reason == "the challenger gave no usable prediction for 1 of 2000 rows"


def test_one_class_leaves_the_area_unknown():
    sums = PairedSums.from_rows("binary", [(1, 0.9, 0.9)] * 500)
    policy = GatePolicy(metrics={"auc": GateMetric(0.01, floor=0.5)})
    verdict = judge_gate(Evaluation(sums), policy)
    assert verdict.outcome is GateOutcome.NOT_ENOUGH_DATA
    assert verdict.reason == "auc: needs rows of both classes"


def test_a_holdout_of_one_class_is_no_ground_to_reject_a_model():
    sums = PairedSums.from_rows("binary", [(0, 0.1, 0.1)] * 500)
    verdict = judge_gate(Evaluation(sums), GatePolicy())
    assert verdict.outcome is GateOutcome.NOT_ENOUGH_DATA
    assert "log_loss: all holdout rows are of class 0; replace the holdout" in verdict.reason


def test_an_exact_area_is_preferred_to_the_binned_one():
    found = rows(3_000)
    exact = delong([(y == 1, old, new) for y, old, new in found])
    policy = GatePolicy(metrics={"auc": GateMetric(0.01)})
    figures = [
        judge_gate(Evaluation(PairedSums.from_rows("binary", found), auc=auc), policy).figures[0]
        for auc in (exact, None)
    ]
    widths = [figure.harm_interval[1] - figure.harm_interval[0] for figure in figures]
    assert widths[0] < widths[1]
    assert figures[0].challenger == pytest.approx(exact.challenger)


def test_regression_margins_are_shares_of_the_champions_loss():
    dice = random.Random(3)  # noqa: S311 - the same draws every time
    labels = [dice.gauss(50, 10) for _ in range(4_000)]
    near = [(y, y + dice.gauss(0, 1), y + dice.gauss(0, 1)) for y in labels]
    far = [(y, y + dice.gauss(0, 1), y + dice.gauss(0, 1.3)) for y in labels]
    policy = GatePolicy(Problem.REGRESSION, metrics={"squared_error": GateMetric(0.1)})
    close, wide = (judge_gate(Evaluation(PairedSums.from_rows("regression", r)), policy) for r in (near, far))
    assert close.outcome is GateOutcome.PASS
    assert close.figures[0].margin == pytest.approx(0.1, rel=0.1)
    assert wide.outcome is GateOutcome.FAIL


def test_multiclass_is_held_to_the_class_frequencies():
    dice = random.Random(5)  # noqa: S311 - the same draws every time
    found = []
    for _ in range(3_000):
        label = dice.choice((0, 1, 2))
        found.append((label, None, tuple(0.8 if k == label else 0.1 for k in range(3))))
    verdict = judge_gate(
        Evaluation(PairedSums.from_rows("multiclass", found)), GatePolicy(Problem.MULTICLASS)
    )
    assert verdict.outcome is GateOutcome.PASS
    floors = {figure.metric: figure.floor for figure in verdict.figures}
    assert floors["log_loss"] == pytest.approx(math.log(3), abs=0.01)


def test_a_better_challenger_is_said_to_be_better():
    better = judge_gate(Evaluation(binary(4_000, champion_noise=3.0)), GatePolicy())
    assert "accuracy: better by 0." in better.reason
    same = PairedSums.from_rows("binary", [(y, model, model) for y, model, _ in rows(4_000)])
    assert "accuracy: better by 0 (" in judge_gate(Evaluation(same), GatePolicy()).reason


def test_a_slice_that_is_clearly_hurt_stops_the_model():
    whole, hurt = rows(8_000), rows(600, challenger_noise=8.0, seed=2)
    sums = PairedSums.from_rows("binary", whole + hurt)
    verdict = judge_gate(Evaluation(sums, {"country=NO": PairedSums.from_rows("binary", hurt)}), GatePolicy())
    assert verdict.outcome is GateOutcome.FAIL
    assert "accuracy in country=NO: worse by" in verdict.reason


def test_a_slice_with_few_rows_only_informs():
    sums, few = binary(8_000), binary(40, challenger_noise=1.0, seed=3)
    verdict = judge_gate(Evaluation(sums, {"country=IS": few}), GatePolicy())
    assert verdict.outcome is GateOutcome.PASS
    assert {figure.slice for figure in verdict.figures} == {"", "country=IS"}


def test_slices_can_be_left_out():
    sums, hurt = binary(8_000), binary(600, challenger_noise=8.0, seed=2)
    verdict = judge_gate(Evaluation(sums, {"a": hurt}), GatePolicy(slice_margin=0.0))
    assert verdict.outcome is GateOutcome.PASS

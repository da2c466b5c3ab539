"""Each metric of the gate: named as people name it, with its floor, and never a pass where rows do not tell it."""

import math
import random
from typing import Any

import pytest

from benchmarks.gate_coverage import POLICIES, missed
from switchyard.core.gate_policy import GATE_METRICS, GateMetric, GatePolicy
from switchyard.core.policy import Problem
from switchyard.evaluation.rules.gate import Evaluation, GateFigure, GateOutcome, GateVerdict, judge_gate
from switchyard.stats.paired import PairedSums, Wanted

COST = {"no": {"yes": 1.0}, "yes": {"no": 20.0}}


def rare(rows: int, found: float, champion_found: float | None = 0.8, alarms: float = 0.02) -> PairedSums:
    """One row in ten is a yes, of which a model finds a share; of the others it calls some yes."""
    dice, pairs = random.Random(5), []  # noqa: S311 - the same draws every time
    for at in range(rows):
        y, chance = int(at % 10 == 0), dice.random()
        old = None if champion_found is None else _says(y, chance, champion_found, alarms)
        pairs.append((float(y), old, _says(y, chance, found, alarms)))
    return PairedSums.from_rows("binary", pairs)


def _says(y: int, chance: float, found: float, alarms: float) -> float:
    return 0.9 if chance < (found if y else alarms) else 0.1


def judged(sums: PairedSums, metrics: dict[str, GateMetric], **policy: Any) -> GateVerdict:
    problem = Problem(sums.problem)
    classes = {"binary": ("no", "yes"), "multiclass": ("ant", "bee", "cat"), "regression": ()}[sums.problem]
    return judge_gate(
        Evaluation(sums, classes=classes), GatePolicy(problem, metrics=metrics, slice_margin=0.0, **policy)
    )


def only(verdict: GateVerdict) -> GateFigure:
    [figure] = verdict.figures
    return figure


def test_a_model_that_loses_the_rare_class_fails_by_its_f1_and_the_reason_names_the_class() -> None:
    """Accuracy of it falls by three points alone."""
    sums = rare(4_000, found=0.5)
    verdict = judged(sums, {"f1": GateMetric(0.05, of_class="yes")})
    assert verdict.outcome is GateOutcome.FAIL
    assert verdict.reason.startswith("f1 of yes: worse by 0.2271")
    assert judged(sums, {"accuracy": GateMetric(0.05)}).outcome is GateOutcome.PASS


def test_the_same_metric_of_two_classes_has_two_entries_with_names_of_their_own() -> None:
    entries = {f"{name}_found": GateMetric(0.05, metric="recall", of_class=name) for name in ("no", "yes")}
    verdict = judged(rare(4_000, found=0.8), entries)
    assert [figure.label for figure in verdict.figures] == [
        "no_found (recall of no)",
        "yes_found (recall of yes)",
    ]
    assert [figure.metric for figure in verdict.figures] == ["no_found", "yes_found"]
    assert verdict.outcome is GateOutcome.PASS
    assert all(figure.higher_is_better for figure in verdict.figures)


def test_without_a_class_it_is_the_mean_of_all() -> None:
    figure = only(judged(rare(4_000, found=0.8), {"recall": GateMetric(0.05)}))
    assert figure.label == "recall (mean of classes)"
    balanced = only(judged(rare(4_000, found=0.8), {"balanced_accuracy": GateMetric(0.05)}))
    assert figure.challenger == balanced.challenger


def test_each_class_is_told_with_what_both_models_made_of_it() -> None:
    of_no, of_yes = judged(rare(4_000, found=0.5), {"accuracy": GateMetric(0.05)}).classes
    assert (of_no.name, of_no.rows, of_yes.name, of_yes.rows) == ("no", 3_600, "yes", 400)
    assert of_yes.champion is not None
    assert of_yes.champion.recall == pytest.approx(0.8, abs=0.05)
    assert of_yes.challenger.recall == pytest.approx(0.5, abs=0.05)
    assert of_yes.challenger.called == pytest.approx(400 * 0.5 + 3_600 * 0.02, abs=40)
    assert judged(numbers([1.0, 2.0] * 200), {"rmse": GateMetric(0.5)}).classes == ()


def test_a_cost_matrix_weighs_what_accuracy_does_not() -> None:
    """The challenger misses more and raises fewer alarms: right as often, and dearer by far."""
    dice, pairs = random.Random(6), []  # noqa: S311 - the same draws every time
    for at in range(4_000):
        y = int(at % 10 == 0)
        old = 0.1 if y == 0 and dice.random() > 0.05 else 0.9
        new = 0.9 if y and dice.random() > 0.4 else 0.1
        pairs.append((float(y), old, new))
    sums = PairedSums.from_rows("binary", pairs)
    assert judged(sums, {"accuracy": GateMetric(0.01)}).outcome is GateOutcome.PASS
    verdict = judged(sums, {"cost": GateMetric(0.1)}, cost=COST)
    assert verdict.outcome is GateOutcome.FAIL
    figure = only(verdict)
    assert figure.champion == pytest.approx(0.045, abs=0.01)
    assert figure.margin == pytest.approx(0.1 * (figure.champion or 0.0))
    assert figure.floor == pytest.approx(0.9)  # calling every row yes costs 1 for each of the nine in ten


def test_a_class_without_rows_is_not_enough_data_whatever_the_model_says() -> None:
    rows = [(float(at % 2), None, (0.6, 0.3, 0.1)) for at in range(400)]
    sums = PairedSums.from_rows("multiclass", rows, Wanted(areas=(0, 1, 2)))
    for entry, says in (
        (GateMetric(0.05, metric="f1", of_class="cat"), "x (f1 of cat): no row is of that class"),
        (
            GateMetric(0.05, metric="auc", of_class="cat"),
            "x (auc of cat): needs rows of that class and of others",
        ),
        (GateMetric(0.05, metric="auc"), "x (auc (mean of classes)): needs rows of every class"),
    ):
        verdict = judged(sums, {"x": entry})
        assert (verdict.outcome, verdict.reason) == (GateOutcome.NOT_ENOUGH_DATA, says)


def test_holdout_rows_of_one_class_are_told_by_its_name() -> None:
    sums = PairedSums.from_rows("binary", [(1.0, 0.9, 0.9)] * 400)
    verdict = judged(sums, {"log_loss": GateMetric(0.1)})
    assert verdict.reason == (
        "log_loss: all holdout rows are of class yes; replace the holdout with one of every class"
    )


def test_a_first_model_without_a_trivial_rival_says_so() -> None:
    verdict = judged(rare(1_000, 0.8, None), {"recall": GateMetric(0.05, of_class="yes")})
    assert verdict.outcome is GateOutcome.PASS
    assert "recall of yes 0.8" in verdict.reason
    assert verdict.reason.endswith("there is no champion to compare with, and no floor is declared")
    floored = judged(rare(1_000, 0.8, None), {"recall": GateMetric(0.05, floor=0.95, of_class="yes")})
    assert floored.outcome is GateOutcome.FAIL


def numbers(truths: list[float], new: float = 1.1, old: float | None = 1.1) -> PairedSums:
    dice = random.Random(9)  # noqa: S311 - the same draws every time
    rows = []
    for y in truths:
        noise = dice.gauss(0, 0.1) * abs(y)
        rows.append((y, None if old is None else y * old + noise, y * new + noise))
    return PairedSums.from_rows("regression", rows, Wanted(quantiles=(0.9,)))


def test_metrics_of_numbers_have_margins_that_are_shares_of_the_champions_value() -> None:
    sums = numbers([random.Random(at).lognormvariate(2, 0.5) for at in range(2_000)])  # noqa: S311
    metrics = {name: GateMetric(0.05) for name in ("rmse", "mape", "wape")}
    metrics["high"] = GateMetric(0.05, metric="quantile_loss", quantile=0.9)
    verdict = judged(sums, metrics)
    assert verdict.outcome is GateOutcome.PASS, verdict.reason
    for figure in verdict.figures:
        assert figure.margin == pytest.approx(0.05 * (figure.champion or 0.0))
    assert verdict.figures[-1].label == "high (quantile_loss at 0.9)"
    assert verdict.figures[0].challenger == pytest.approx(
        math.sqrt(sums.metrics["squared_error"].challenger.mean)
    )
    worse = judged(numbers([1.0 + at % 7 for at in range(2_000)], new=1.3), metrics)
    assert worse.outcome is GateOutcome.FAIL


def test_percentages_of_a_target_of_zero_are_refused_with_what_works_instead() -> None:
    verdict = judged(numbers([float(at % 4) for at in range(400)]), {"mape": GateMetric(0.05)})
    assert verdict.outcome is GateOutcome.NOT_ENOUGH_DATA
    assert verdict.reason == (
        "mape: 100 of 400 rows have a target of 0, of which no error is a percentage; use wape"
    )
    assert judged(numbers([0.0] * 400), {"wape": GateMetric(0.05)}).outcome is GateOutcome.NOT_ENOUGH_DATA


def trivial(problem: str) -> PairedSums:
    """A model that answers the class frequencies, or 0."""
    if problem == "binary":
        return PairedSums.from_rows(problem, [(float(at % 10 == 0), None, 0.1) for at in range(900)])
    if problem == "multiclass":
        answer = (0.5, 0.3, 0.2)
        rows = [(float(at % 10 > 4) + (at % 10 > 7), None, answer) for at in range(900)]
        return PairedSums.from_rows(problem, rows, Wanted(areas=(0, 1, 2)))
    numbers = [(1.0 + at % 50, None, 0.0) for at in range(900)]
    return PairedSums.from_rows(problem, numbers, Wanted(quantiles=(0.5,)))


ENTRIES = [
    (problem, kind)
    for kind, each in GATE_METRICS.items()
    for problem in sorted(each.problems)
    if kind != "calibration_error"  # the class frequencies are perfectly calibrated
]


@pytest.mark.parametrize(("problem", "kind"), ENTRIES)
def test_a_first_model_that_knows_nothing_passes_by_no_metric(problem: Problem, kind: str) -> None:
    entry = GateMetric(0.05, quantile=0.5 if kind == "quantile_loss" else None)
    names = {"binary": ("no", "yes"), "multiclass": ("ant", "bee", "cat")}.get(problem.value, ())
    costs = {true: {said: 1.0 for said in names if said != true} for true in names}
    verdict = judged(trivial(problem.value), {kind: entry}, cost=costs if kind == "cost" else {})
    assert verdict.outcome is not GateOutcome.PASS, verdict.reason


def test_slices_are_judged_by_every_metric_that_their_rows_tell() -> None:
    whole, some = rare(2_000, 0.8), rare(300, 0.1)
    empty = PairedSums.from_rows("binary", [(0.0, 0.1, 0.1)] * 50)
    policy = GatePolicy(metrics={"recall": GateMetric(0.05, of_class="yes")})
    verdict = judge_gate(Evaluation(whole, {"a": some, "b": empty}, classes=("no", "yes")), policy)
    assert verdict.outcome is GateOutcome.FAIL
    assert verdict.reason.startswith("recall of yes in a: worse by")
    by_slice = {figure.slice: figure.outcome for figure in verdict.figures}
    assert by_slice == {"": GateOutcome.PASS, "a": GateOutcome.FAIL, "b": GateOutcome.NOT_ENOUGH_DATA}


@pytest.mark.parametrize(("problem", "rows"), [("binary", 300), ("multiclass", 300), ("regression", 300)])
def test_intervals_miss_the_true_difference_about_as_often_as_they_may(problem: str, rows: int) -> None:
    """One end in twenty; three standard errors of 100 draws are allowed on top."""
    found = missed(Problem(problem), 100, rows)
    assert set(found) == set(POLICIES[Problem(problem)].metrics)
    assert all(
        max(each.above, each.below) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 100) for each in found.values()
    )

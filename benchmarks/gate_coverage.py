"""How often the gate's intervals miss the truth, metric by metric: rows are drawn from a known population, of which the
true difference between both models is known too, and each end of the interval may miss it in 5 % of draws.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.checks import Check
from switchyard.core.gate_policy import GateMetric, GatePolicy
from switchyard.core.policy import Problem
from switchyard.evaluation.rules.measures import measures_of
from switchyard.evaluation.rules.readings import Reading, read
from switchyard.stats.paired import PairedSums, Wanted

ALPHA = 0.05
POPULATION = 30_000
Array = NDArray[np.float64]
Row = tuple[float, Any, Any]


def _named(*names: str) -> dict[str, GateMetric]:
    return {name: GateMetric(0.05) for name in names}


_LABELS = ("balanced_accuracy", "f1", "precision", "recall", "auc", "brier", "calibration_error", "cost")
POLICIES: Mapping[Problem, GatePolicy] = {
    Problem.BINARY: GatePolicy(
        Problem.BINARY,
        metrics=_named(*_LABELS)
        | {
            f"{kind}_of_b": GateMetric(0.05, metric=kind, of_class="b")
            for kind in ("f1", "precision", "recall")
        },
        cost={"a": {"b": 1.0}, "b": {"a": 10.0}},
    ),
    Problem.MULTICLASS: GatePolicy(
        Problem.MULTICLASS,
        metrics=_named(*_LABELS) | {"auc_of_c": GateMetric(0.05, metric="auc", of_class="c")},
        cost={"a": {"b": 1.0, "c": 5.0}, "b": {"a": 2.0, "c": 1.0}, "c": {"a": 9.0, "b": 3.0}},
    ),
    Problem.REGRESSION: GatePolicy(
        Problem.REGRESSION,
        metrics=_named("rmse", "mape", "wape")
        | {"q90": GateMetric(0.05, metric="quantile_loss", quantile=0.9)},
    ),
}
CLASSES = {Problem.BINARY: ("a", "b"), Problem.MULTICLASS: ("a", "b", "c"), Problem.REGRESSION: ()}


@dataclass(frozen=True)
class Missed:
    """Share of draws in which the interval lay wholly above the true difference, and wholly below it."""

    above: float
    below: float


def missed(problem: Problem, runs: int, rows: int, seed: int = 7) -> dict[str, Missed]:
    """By metric, of `runs` draws of `rows` rows."""
    dice = np.random.default_rng(seed)
    people = population(problem, dice)
    truth = _readings(problem, people)
    counted: Counter[tuple[str, bool]] = Counter()
    for _ in range(runs):
        drawn = [people[at] for at in dice.integers(0, len(people), rows)]
        for name, reading in _readings(problem, drawn).items():
            low, high = reading.harm_interval
            counted[name, True] += low > truth[name].harm
            counted[name, False] += high < truth[name].harm
    return {name: Missed(counted[name, True] / runs, counted[name, False] / runs) for name in truth}


def coverage(runs: int = 500, rows: int = 500) -> Iterator[Check]:
    """Every metric with an interval of its own, on rows of which some one in six is of the rarest class."""
    most = ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)  # three standard errors of so many draws
    for problem in POLICIES:
        for name, found in missed(problem, runs, rows).items():
            title = f"gate, {problem}, {name}: interval"
            yield Check(f"{title} above the truth", found.above, at_most=most)
            yield Check(f"{title} below the truth", found.below, at_most=most)


def population(problem: Problem, dice: np.random.Generator) -> list[Row]:
    """(truth, champion's answer, challenger's answer): the challenger is another model, at some things better."""
    if problem is Problem.REGRESSION:
        return _numbers(dice)
    scores = dice.normal(0.0, 1.5, (POPULATION, len(CLASSES[problem]))) + np.log(_shares(problem))
    truth = (_softmax(scores).cumsum(axis=1) < dice.random((POPULATION, 1))).sum(axis=1)
    old, new = (_softmax(scale * scores + dice.normal(0, noise, scores.shape)) for scale, noise in _MODELS)
    if problem is Problem.BINARY:
        old, new = old[:, 1], new[:, 1]
    return [(float(y), _plain(o), _plain(n)) for y, o, n in zip(truth, old, new, strict=True)]


_MODELS = ((1.0, 0.5), (1.3, 0.7))


def _shares(problem: Problem) -> Array:
    return np.array([0.85, 0.15] if problem is Problem.BINARY else [0.5, 0.34, 0.16])


def _softmax(scores: Array) -> Array:
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Array = grown / grown.sum(axis=1, keepdims=True)
    return found


def _plain(answer: Any) -> Any:
    return float(answer) if np.ndim(answer) == 0 else tuple(map(float, answer))


def _numbers(dice: np.random.Generator) -> list[Row]:
    """Sizes as of orders or flats: skewed, and missed by more where they are large."""
    truth = dice.lognormal(3.0, 0.6, POPULATION)
    old = truth * dice.lognormal(0.0, 0.25, POPULATION)
    new = truth * dice.lognormal(0.05, 0.22, POPULATION)
    return [tuple(map(float, row)) for row in zip(truth, old, new, strict=True)]  # type: ignore[misc]


def _readings(problem: Problem, rows: list[Row]) -> dict[str, Reading]:
    policy, classes = POLICIES[problem], CLASSES[problem]
    areas = tuple(range(len(classes))) if problem is Problem.MULTICLASS else ()
    sums = PairedSums.from_rows(problem.value, rows, Wanted(policy.quantiles, areas))
    found = {each.name: read(each, sums, ALPHA) for each in measures_of(policy, classes)}
    return {name: reading for name, reading in found.items() if isinstance(reading, Reading)}

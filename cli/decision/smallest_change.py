"""The smallest change that would have changed a verdict, found by asking the judge itself again. Pure.

More data is taken as more of the same: the rows or periods that were seen, counted again. So a figure here says how
much evidence of this kind would do, not what other evidence would show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import ceil

from switchyard.core.evidence import Block, Evidence
from switchyard.core.gate_policy import GatePolicy
from switchyard.core.metrics import LABEL_ERROR, missing_metric
from switchyard.core.policy import RolloutPolicy
from switchyard.evaluation.rules.gate import Evaluation, GateFigure, GateOutcome, judge_gate
from switchyard.rollout.rules.verdict import Outcome, outcome_of
from switchyard.stats.paired import PairedSums
from switchyard.training.rules.holdout import MOST_ROWS as MOST_HELD_OUT
from switchyard.training.rules.holdout import SHARE

MOST_TIMES = 1024  # as much evidence as was seen; beyond that "more data" is no advice
LARGEST_MARGIN = 0.999
STEPS_OF_SEARCH = 40  # halvings: the answer is exact to far more digits than are shown
DIGITS = 3
HOLDOUT_ROWS = "holdout rows"
BROUGHT = ("rows", "requests", "labels")
TOLD_BY_LABELS = (LABEL_ERROR, missing_metric(LABEL_ERROR))


@dataclass(frozen=True)
class Change:
    """field: its path in pipeline.yaml, or what there should be more of: `rows` of a first dataset, `holdout rows`,
    `requests`, `labels`. needed: does instead of `now`.
    """

    field: str
    now: float
    needed: float

    def __str__(self) -> str:
        if self.field in BROUGHT:
            return f"bring {self.needed - self.now:,.0f} more {self.field} like these ({self.needed:,.0f} in all)"
        if self.field == HOLDOUT_ROWS:
            return f"give the holdout {self.needed - self.now:,.0f} more rows like these ({self.needed:,.0f} in all)"
        return f"set {self.field} to {self.needed:g} (it is {self.now:g})"


@dataclass(frozen=True)
class Way:
    """Changes that together, and without any other, turn the verdict."""

    changes: tuple[Change, ...]
    verdict: str

    def __str__(self) -> str:
        return f"{' and '.join(map(str, self.changes))}: {self.verdict}"


def ways_through_the_gate(
    evaluation: Evaluation, policy: GatePolicy, dataset_rows: int = 0
) -> tuple[Way, ...]:
    """Each of these turns the offline verdict to pass; none for one that passed. dataset_rows: of the whole drop."""
    verdict = judge_gate(evaluation, policy)
    if verdict.outcome is GateOutcome.PASS or evaluation.sums.invalid:
        return ()
    found = (
        _more_rows(evaluation, policy, dataset_rows),
        _fewer_needed(evaluation, policy),
        _other_limits(evaluation, policy),
    )
    return tuple(Way(changes, GateOutcome.PASS.value) for changes in found if changes)


def _more_rows(evaluation: Evaluation, policy: GatePolicy, dataset_rows: int) -> tuple[Change, ...]:
    """A first dataset brings its own holdout, a share of it; a model that has a champion keeps the holdout it has."""

    def passes(times: int) -> bool:
        return judge_gate(_repeated(evaluation, times), policy).outcome is GateOutcome.PASS

    times, rows = _fewest(passes), evaluation.sums.distinct_rows
    if not times or not rows:
        return ()
    if evaluation.sums.resampling.is_repeated:
        return (Change("rows", rows, _folded_rows(evaluation.sums, rows * times, policy)),)
    if evaluation.sums.paired or not dataset_rows:
        return (Change(HOLDOUT_ROWS, rows, rows * times),)
    grows = rows * times <= max(MOST_HELD_OUT, policy.minimum_rows)
    return (Change("rows", dataset_rows, dataset_rows * times),) if grows else ()


def _folded_rows(sums: PairedSums, rows: int, policy: GatePolicy) -> int:
    """Rows of a dataset that decide as so many by cross-validation; from a certain number on a holdout judges, a share
    of the rows that the champion has not seen.
    """
    if SHARE * rows < policy.minimum_rows:
        return rows
    unseen = max(ceil(policy.minimum_rows / SHARE), ceil(sums.resampling.effective(rows) / SHARE))
    return unseen + (sums.distinct_rows if sums.paired else 0)


def _fewer_needed(evaluation: Evaluation, policy: GatePolicy) -> tuple[Change, ...]:
    """A smaller minimum of rows, where that alone stands in the way."""
    rows = evaluation.sums.rows
    if not 2 <= rows < policy.minimum_rows or evaluation.sums.resampling.is_repeated:
        return ()
    passes = judge_gate(evaluation, replace(policy, minimum_rows=rows)).outcome is GateOutcome.PASS
    return (Change("evaluation.minimum_rows", policy.minimum_rows, rows),) if passes else ()


def _other_limits(evaluation: Evaluation, policy: GatePolicy) -> tuple[Change, ...]:
    """The margins and floors with which every metric passes, where all that is needed is within what may be set."""
    verdict = judge_gate(evaluation, policy)
    stopped = {each.metric for each in verdict.figures if each.outcome is not GateOutcome.PASS}
    wanted, changes = policy, list[Change]()
    for metric in sorted(stopped):
        for change in _limits_of(metric, evaluation, policy):
            wanted = _with_limit(wanted, metric, change.field.rpartition(".")[2], change.needed)
            changes.append(change)
    return tuple(changes) if judge_gate(evaluation, wanted).outcome is GateOutcome.PASS else ()


def _limits_of(metric: str, evaluation: Evaluation, policy: GatePolicy) -> list[Change]:
    found, path = list[Change](), f"evaluation.metrics.{metric}"
    whole = next(f for f in judge_gate(evaluation, policy).figures if f.metric == metric and not f.slice)
    asked = policy
    if whole.floor is not None and not _clears_floor(whole):
        reached = whole.interval[0 if whole.higher_is_better else 1]
        floor = _outwards(reached, whole.floor)
        asked = _with_limit(policy, metric, "floor", floor)
        found.append(Change(f"{path}.floor", whole.floor, floor))
    if not _passes(metric, evaluation, asked):
        margin = _smallest(
            lambda value: _passes(metric, evaluation, _with_limit(asked, metric, "margin", value)),
            policy.metrics[metric].margin,
            LARGEST_MARGIN,
        )
        if margin is not None:
            found.append(Change(f"{path}.margin", policy.metrics[metric].margin, margin))
    return found


def _passes(metric: str, evaluation: Evaluation, policy: GatePolicy) -> bool:
    figures = judge_gate(evaluation, policy).figures
    return all(
        f.outcome is GateOutcome.PASS for f in figures if f.metric == metric and not f.slice
    ) and not any(f.outcome is GateOutcome.FAIL for f in figures if f.metric == metric)


def _clears_floor(figure: GateFigure) -> bool:
    """Is the whole interval of the challenger on the good side of its floor?"""
    low, high = figure.interval
    return figure.floor is None or (low >= figure.floor if figure.higher_is_better else high <= figure.floor)


def _with_limit(policy: GatePolicy, metric: str, name: str, value: float) -> GatePolicy:
    own = policy.metrics[metric]
    changed = replace(own, margin=value) if name == "margin" else replace(own, floor=value)
    return replace(policy, metrics={**policy.metrics, metric: changed})


def ways_through_the_rollout(evidence: Evidence, policy: RolloutPolicy) -> tuple[Way, ...]:
    """Each of these turns the online verdict to promote; none for one that did, or without evidence."""
    blocks = tuple(block for block in evidence.blocks if block.metric in policy.metrics)
    if not blocks or _promotes(blocks, policy):
        return ()
    found = (_more_labels(blocks, policy), _more_requests(blocks, policy), _other_margins(blocks, policy))
    return tuple(Way(changes, Outcome.PROMOTE.value) for changes in found if changes)


def _promotes(blocks: tuple[Block, ...], policy: RolloutPolicy) -> bool:
    """By evidence alone: time and the number of requests stop nothing here."""
    free = replace(policy, deadline_requests=None)
    return outcome_of(Evidence(blocks, 0, 0.0), free) is Outcome.PROMOTE


def _more_labels(blocks: tuple[Block, ...], policy: RolloutPolicy) -> tuple[Change, ...]:
    """Where requests are enough, and labels of them alone are not."""
    told = tuple(block for block in blocks if block.metric in TOLD_BY_LABELS)
    others = tuple(block for block in blocks if block.metric not in TOLD_BY_LABELS)
    labels = sum(block.n0 + block.n1 for block in told if block.metric == LABEL_ERROR)
    times = labels and _fewest(lambda count: _promotes((*others, *_again(told, count)), policy), most=64)
    return (Change("labels", labels, labels * times),) if times else ()


def _more_requests(blocks: tuple[Block, ...], policy: RolloutPolicy) -> tuple[Change, ...]:
    """Answered, and labelled where labels are asked for, as those were that came."""
    if set(policy.metrics) <= set(TOLD_BY_LABELS):
        return ()  # whose requests are known by their labels alone
    times = _fewest(lambda count: _promotes(_again(blocks, count), policy), most=64)
    requests = max(sum(b.n0 + b.n1 for b in blocks if b.metric == name) for name in policy.metrics)
    return (Change("requests", requests, requests * times),) if times else ()


def _again(blocks: tuple[Block, ...], times: int) -> tuple[Block, ...]:
    """The same periods, each `times` times."""
    return tuple(replace(block, block=f"{block.block}~{turn}") for turn in range(times) for block in blocks)


def _other_margins(blocks: tuple[Block, ...], policy: RolloutPolicy) -> tuple[Change, ...]:
    """The margins with which this evidence promotes; none where it is a rollback at any margin."""
    changes: list[Change] = []
    wanted = policy
    for name in policy.metrics:
        alone = replace(policy, metrics={name: policy.metrics[name]})
        own = tuple(block for block in blocks if block.metric == name)
        if own and not _promotes(own, alone):
            margin = _smallest(
                partial(_promotes_with, own, alone, name), policy.metrics[name].margin, LARGEST_MARGIN
            )
            if margin is None:
                return ()
            wanted = _with_margin(wanted, name, margin)
            changes.append(Change(f"rollout.metrics.{name}.margin", policy.metrics[name].margin, margin))
    return tuple(changes) if _promotes(blocks, wanted) else ()


def _promotes_with(blocks: tuple[Block, ...], policy: RolloutPolicy, name: str, margin: float) -> bool:
    return _promotes(blocks, _with_margin(policy, name, margin))


def _with_margin(policy: RolloutPolicy, name: str, margin: float) -> RolloutPolicy:
    metric = replace(policy.metrics[name], margin=margin)
    return replace(policy, metrics={**policy.metrics, name: metric})


def _repeated(evaluation: Evaluation, times: int) -> Evaluation:
    """The same rows `times` times; an exact AUC is of rows that are not here, so it comes from counts."""
    slices: Mapping[str, PairedSums] = {name: _times(sums, times) for name, sums in evaluation.slices.items()}
    exact = evaluation.auc if times == 1 else None
    return replace(evaluation, sums=_times(evaluation.sums, times), slices=slices, auc=exact)


def _times(sums: PairedSums, times: int) -> PairedSums:
    """Merged with itself by doubling: log(times) merges."""
    total, power = None, sums
    while times:
        if times & 1:
            total = power if total is None else total + power
        times >>= 1
        if times:
            power = power + power
    return total or sums


def _fewest(holds: Callable[[int], bool], most: int = MOST_TIMES) -> int:
    """The smallest number from 2 on for which `holds`, by doubling and halving; 0 where none up to `most` does."""
    high = 2
    while not holds(high):
        high *= 2
        if high > most:
            return 0
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _smallest(holds: Callable[[float], bool], low: float, high: float) -> float | None:
    """The smallest value above `low` for which `holds`, rounded outwards to DIGITS; None where `high` does not do."""
    if not holds(high):
        return None
    for _ in range(STEPS_OF_SEARCH):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    rounded = _outwards(high, low)
    return rounded if rounded <= LARGEST_MARGIN and holds(rounded) else high


def _outwards(value: float, away_from: float) -> float:
    """Rounded to DIGITS significant digits, away from another value."""
    near = float(f"{value:.{DIGITS}g}")
    unit = abs(value) * 10 ** (1 - DIGITS)
    if value >= away_from:
        return near if near >= value else float(f"{value + unit:.{DIGITS}g}")
    return near if near <= value else float(f"{value - unit:.{DIGITS}g}")

"""The online decision: promote, continue, roll back or give up, from evidence that holds at every look."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from switchyard.core.evidence import Evidence
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.rollout.rules.block_sums import EMPTY, BlockSums, MetricSum, Wealth, log_wealth
from switchyard.rollout.rules.interval import difference_interval
from switchyard.rollout.rules.timeline import time_order
from switchyard.stats import eprocess, sample_ratio

NOTHING: Mapping[str, tuple[float, float]] = {}


class Outcome(StrEnum):
    PROMOTE = "promote"
    CONTINUE = "continue"
    ROLLBACK = "rollback"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class MetricVerdict:
    """Of one metric: natural logs of both e-values, totals, interval of challenger minus champion."""

    name: str
    log_e_promote: float
    log_e_rollback: float
    n0: float
    s0: float
    n1: float
    s1: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Verdict:
    """A decision and its reason. stage_allowed: highest step the evidence allows (len(steps): everything)."""

    outcome: Outcome
    reason: str
    stage_allowed: int
    requests: int
    challenger_requests: int
    metrics: tuple[MetricVerdict, ...]


def judge(evidence: Evidence, policy: RolloutPolicy) -> Verdict:
    """Decide from all blocks so far. Pure; calling it after every block is what its guarantees are made for.

    Raises EvidenceError (field, reason) for a metric that the policy does not declare.
    """
    verdict, sums = _decided(evidence, policy)
    metrics = tuple(_with_interval(m, sums.metrics[m.name], policy) for m in verdict.metrics)
    return replace(verdict, metrics=metrics)


def outcome_of(evidence: Evidence, policy: RolloutPolicy) -> Outcome:
    """What `judge` decides, without the intervals, which people read and which take most of its time."""
    return _decided(evidence, policy)[0].outcome


def _decided(evidence: Evidence, policy: RolloutPolicy) -> tuple[Verdict, BlockSums]:
    sums = BlockSums(policy)
    for block in sorted(evidence.blocks, key=time_order):
        sums.post(block)
    verdict = decide(sums.totals(), evidence.elapsed_seconds, policy, evidence.silence, evidence.unknown)
    if evidence.unavailable:
        reason = f"evidence could not be read: {evidence.unavailable}"
        verdict = replace(verdict, outcome=Outcome.INCONCLUSIVE, reason=reason, stage_allowed=0)
    return verdict, sums


def decide(
    totals: Mapping[str, Wealth],
    elapsed_seconds: float,
    policy: RolloutPolicy,
    silence: str = "",
    unknown: Mapping[str, tuple[float, float]] = NOTHING,
) -> Verdict:
    """The decision from merged state alone: no intervals. A broken split stops everything, then rollback is
    asked (mean of the metrics' e-values), then promotion (every metric), then silence and time. silence and unknown:
    as in Evidence.
    """
    metrics = tuple(_weigh(name, totals.get(name, EMPTY), policy.metrics[name]) for name in policy.metrics)
    threshold = -math.log(policy.alpha)
    slowest = min(metrics, key=lambda m: m.log_e_promote)
    allowed = _stage_allowed(slowest.log_e_promote, threshold, len(policy.steps))
    outcome, reason = _outcome(metrics, threshold)
    hidden = unseen(metrics, unknown, policy)
    if hidden and outcome is not Outcome.ROLLBACK:
        outcome, reason, allowed = Outcome.CONTINUE, hidden, 0
    broken = _broken_split(totals, policy)
    late = silence or _out_of_time(metrics, elapsed_seconds, policy) if outcome is Outcome.CONTINUE else ""
    if late and hidden:
        late = f"{late}; {hidden}"
    if broken or late:
        outcome, reason = Outcome.INCONCLUSIVE, broken or late
    if outcome in (Outcome.ROLLBACK, Outcome.INCONCLUSIVE):
        allowed = 0
    requests, exposed = max(m.n0 + m.n1 for m in metrics), max(m.n1 for m in metrics)
    return Verdict(outcome, reason, allowed, int(requests), int(exposed), metrics)


def _outcome(metrics: tuple[MetricVerdict, ...], threshold: float) -> tuple[Outcome, str]:
    worst = max(metrics, key=lambda m: m.log_e_rollback)
    slowest = min(metrics, key=lambda m: m.log_e_promote)
    mean = eprocess.log_sum_exp([m.log_e_rollback for m in metrics]) - math.log(len(metrics))
    if mean >= threshold:
        return Outcome.ROLLBACK, f"{worst.name}: the challenger is worse ({_rates(worst)})"
    if slowest.log_e_promote >= threshold:
        return Outcome.PROMOTE, f"{slowest.name}: harm beyond the margin is ruled out ({_rates(slowest)})"
    return (
        Outcome.CONTINUE,
        f"{slowest.name}: harm beyond the margin is not ruled out yet ({_rates(slowest)})",
    )


def _weigh(name: str, wealth: Wealth, policy: MetricPolicy) -> MetricVerdict:
    promote, rollback = log_wealth(wealth, policy)
    return MetricVerdict(
        name,
        promote,
        rollback,
        wealth.n0,
        wealth.s0,
        wealth.n1,
        wealth.s1,
        -1.0,
        1.0,
    )


def _stage_allowed(log_e: float, threshold: float, moves: int) -> int:
    """Largest k with E >= (1/alpha)^(k/moves): too much harm gets there with P <= alpha^(k/moves)."""
    return max(0, min(moves, math.floor(log_e * moves / threshold + 1e-12)))


def _broken_split(totals: Mapping[str, Wealth], policy: RolloutPolicy) -> str:
    """Why the split cannot be the configured one, from the metric that saw most requests; "" when it can."""
    if not policy.sample_ratio_alpha or not totals:
        return ""
    busiest = max(totals.values(), key=lambda wealth: wealth.n0 + wealth.n1)
    for stage, (champion, challenger) in enumerate(busiest.split):
        weight, before = policy.weight(stage), policy.weight(max(0, stage - 1))
        limit = math.log(len(policy.steps) / policy.sample_ratio_alpha)
        if not weight or not before:
            continue
        # A period that ends after a shift may have begun before it: anything between both weights is in order.
        if sample_ratio.log_e(champion, challenger, before, weight) >= limit:
            share = 100 * challenger / (champion + challenger)
            return f"split: the challenger got {share:.2f} % of requests in step {stage}, {100 * weight:g} % is set"
    return ""


def unseen(
    metrics: Iterable[MetricVerdict], unknown: Mapping[str, tuple[float, float]], policy: RolloutPolicy
) -> str:
    """Why so many requests whose end nobody knows forbid to raise the challenger's share; "" when they do not: the
    harm that could hide in them is within the margin.
    """
    for metric in metrics:
        known = metric.n0, metric.n1
        for arm, hidden, counted in zip(
            ("champion", "challenger"), unknown.get(metric.name, (0, 0)), known, strict=True
        ):
            if hidden > policy.metrics[metric.name].margin * (hidden + counted):
                return (
                    f"{metric.name}: nobody says how {hidden:g} of {hidden + counted:g} requests of the {arm} ended; "
                    f"CloudWatch counts them without their errors or their latency"
                )
    return ""


def _out_of_time(metrics: tuple[MetricVerdict, ...], elapsed: float, policy: RolloutPolicy) -> str:
    """Why waiting any longer is not allowed; "" when it is."""
    requests = max(m.n0 + m.n1 for m in metrics)
    if policy.deadline_requests is not None and requests >= policy.deadline_requests:
        return f"deadline: no verdict within {policy.deadline_requests} requests; the champion stays"
    if elapsed >= policy.deadline_seconds:
        return f"deadline: no verdict within {policy.deadline_seconds:.0f} s; the champion stays"
    return ""


def _with_interval(metric: MetricVerdict, account: MetricSum, policy: RolloutPolicy) -> MetricVerdict:
    lower, upper = difference_interval(account.in_order(), account.policy, policy.alpha, account.correlation)
    # The decision weighs block by block, the interval by groups of blocks: where they differ the finer one
    # stands.
    if metric.log_e_promote >= -math.log(policy.alpha):
        upper = min(upper, account.policy.margin)
    if metric.log_e_rollback >= -math.log(policy.alpha):
        lower = max(lower, account.policy.tolerance)
    return replace(metric, lower=lower, upper=upper)


def _rates(metric: MetricVerdict) -> str:
    champion = f"{metric.s0:g} of {metric.n0:g}" if metric.n0 else "no requests"
    challenger = f"{metric.s1:g} of {metric.n1:g}" if metric.n1 else "no requests"
    return f"challenger {challenger}, champion {champion}"

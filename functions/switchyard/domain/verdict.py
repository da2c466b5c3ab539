"""The online decision: promote, continue, roll back or give up, from evidence that holds at every look."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from switchyard.domain.evidence import Evidence
from switchyard.domain.ledger import EMPTY, Wealth, balance, mixtures
from switchyard.domain.policy import MetricPolicy, RolloutPolicy
from switchyard.stats import eprocess


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
    totals = balance(evidence.blocks, policy)
    verdict = decide(totals, evidence.elapsed_seconds, policy)
    if evidence.unavailable:
        return _closed(verdict, f"evidence could not be read: {evidence.unavailable}")
    return verdict


def decide(totals: Mapping[str, Wealth], elapsed_seconds: float, policy: RolloutPolicy) -> Verdict:
    """The decision from merged state. Rollback is looked at first; promotion needs every metric."""
    metrics = tuple(_weigh(name, totals.get(name, EMPTY), policy.metrics[name]) for name in policy.metrics)
    threshold = -math.log(policy.alpha)
    worst = max(metrics, key=lambda m: m.log_e_rollback)
    slowest = min(metrics, key=lambda m: m.log_e_promote)
    allowed = _stage_allowed(slowest.log_e_promote, threshold, len(policy.steps))
    outcome, reason = Outcome.CONTINUE, f"{slowest.name} has not yet ruled out harm beyond its margin"
    against = eprocess.log_sum_exp([m.log_e_rollback for m in metrics]) - math.log(len(metrics))
    if against >= threshold:
        outcome, reason, allowed = Outcome.ROLLBACK, f"{worst.name} is worse: {_rates(worst)}", 0
    elif slowest.log_e_promote >= threshold:
        outcome = Outcome.PROMOTE
        reason = (
            f"every metric rules out harm beyond its margin; the closest, {slowest.name}: {_rates(slowest)}"
        )
    else:
        closed = _failed_closed(metrics, elapsed_seconds, policy)
        if closed:
            outcome, reason, allowed = Outcome.INCONCLUSIVE, closed, 0
    requests = max(m.n0 + m.n1 for m in metrics)
    return Verdict(outcome, reason, allowed, int(requests), int(max(m.n1 for m in metrics)), metrics)


def _weigh(name: str, wealth: Wealth, policy: MetricPolicy) -> MetricVerdict:
    promote, rollback = mixtures(policy)
    return MetricVerdict(
        name,
        promote.log_e(wealth.promote),
        rollback.log_e(wealth.rollback),
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


def _failed_closed(metrics: tuple[MetricVerdict, ...], elapsed: float, policy: RolloutPolicy) -> str:
    for metric in metrics:
        patience = policy.silence_seconds + policy.metrics[metric.name].maturity_seconds
        if elapsed >= patience and not (metric.n0 and metric.n1):
            side = "the challenger" if metric.n0 else "the champion" if metric.n1 else "either model"
            return f"{metric.name}: no request of {side} was counted in {elapsed:.0f} s"
    requests = max(m.n0 + m.n1 for m in metrics)
    if policy.deadline_requests is not None and requests >= policy.deadline_requests:
        return f"no verdict within {policy.deadline_requests} requests; the champion stays"
    if elapsed >= policy.deadline_seconds:
        return f"no verdict within {policy.deadline_seconds:.0f} s; the champion stays"
    return ""


def _closed(verdict: Verdict, reason: str) -> Verdict:
    return Verdict(
        Outcome.INCONCLUSIVE, reason, 0, verdict.requests, verdict.challenger_requests, verdict.metrics
    )


def _rates(metric: MetricVerdict) -> str:
    champion = f"{metric.s0:g} of {metric.n0:g}" if metric.n0 else "no requests"
    challenger = f"{metric.s1:g} of {metric.n1:g}" if metric.n1 else "no requests"
    return f"challenger {challenger}, champion {champion}"

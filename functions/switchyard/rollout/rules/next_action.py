"""From a verdict to the next move of live traffic."""

from __future__ import annotations

from dataclasses import dataclass, replace

from switchyard.core.policy import RolloutPolicy
from switchyard.rollout.rules.verdict import Outcome, Verdict


@dataclass(frozen=True)
class RolloutState:
    """Where the rollout stands: the index of the active step in `RolloutPolicy.steps`."""

    stage: int


@dataclass(frozen=True)
class ShiftTraffic:
    """Give the challenger the share of a step (0..1). by_hand: why a person asked for it; "" for the evidence alone."""

    stage: int
    weight: float
    by_hand: str = ""


@dataclass(frozen=True)
class Hold:
    """Leave traffic as it is and look again."""


@dataclass(frozen=True)
class Promote:
    """Give the challenger everything and retire the champion. by_hand: why a person asked for it."""

    by_hand: str = ""


@dataclass(frozen=True)
class Restore:
    """Give everything back to the champion."""

    reason: str


Action = ShiftTraffic | Hold | Promote | Restore


def next_action(state: RolloutState, verdict: Verdict, policy: RolloutPolicy) -> Action:
    """One move a look: up one declared step at most, promotion only from the last step, back at once."""
    if verdict.outcome in (Outcome.ROLLBACK, Outcome.INCONCLUSIVE):
        return Restore(verdict.reason)
    last = len(policy.steps) - 1
    if verdict.outcome is Outcome.PROMOTE and state.stage >= last:
        return Promote()
    if state.stage < min(verdict.stage_allowed, last):
        return ShiftTraffic(state.stage + 1, policy.steps[state.stage + 1] / 100)
    return Hold()


def taking_bursts_in_full(policy: RolloutPolicy) -> RolloutPolicy:
    """The policy for the newest periods: whether a burst is usual is asked later, it is no moment to raise a share."""
    metrics = {name: replace(metric, correlation=0.0) for name, metric in policy.metrics.items()}
    return replace(policy, metrics=metrics, sample_ratio_alpha=0.0)


def unless_worse(verdict: Verdict, newest: Verdict) -> Verdict:
    """The verdict, unless the newest periods say by themselves that the challenger is worse: then nothing is raised
    until they count. newest: of what has arrived since the evidence ended.
    """
    if newest.outcome is not Outcome.ROLLBACK:
        return verdict
    reason = (
        f"{verdict.reason}; but in the newest periods {newest.reason}: looked at again before it gets more"
    )
    return replace(verdict, outcome=Outcome.CONTINUE, reason=reason, stage_allowed=0)

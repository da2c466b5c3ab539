"""What a person asks of a rollout that is under way, and what comes of it at the next look. Pure.

A person may go slower or faster than the evidence, never against it: what gives everything back to the champion stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from switchyard.core.policy import RolloutPolicy
from switchyard.rollout.rules.next_action import Action, Hold, Promote, Restore, RolloutState, ShiftTraffic


class Order(StrEnum):
    """hold: no step and no promotion until resume. step: one step up. promote: everything to the challenger."""

    HOLD = "hold"
    RESUME = "resume"
    STEP = "step"
    PROMOTE = "promote"


@dataclass(frozen=True)
class Steering:
    """One order, and why. stage: the step of the rollout at which it was given. at: seconds since the epoch."""

    order: Order
    reason: str
    stage: int
    at: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def last_of(cls, orders: Sequence[Mapping[str, Any]]) -> Steering | None:
        """The order that counts; None where none was given."""
        if not orders:
            return None
        found = orders[-1]
        return cls(Order(found["order"]), str(found["reason"]), int(found["stage"]), float(found["at"]))


def steered(action: Action, state: RolloutState, policy: RolloutPolicy, steering: Steering | None) -> Action:
    """The move that is made in place of what the evidence alone asks for. A step is taken once, where it was asked."""
    if steering is None or isinstance(action, Restore):
        return action
    match steering.order:
        case Order.HOLD:
            return Hold()
        case Order.PROMOTE:
            return Promote(by_hand=steering.reason)
        case Order.STEP if state.stage == steering.stage and state.stage + 1 < len(policy.steps):
            stage = state.stage + 1
            return ShiftTraffic(stage, policy.steps[stage] / 100, by_hand=steering.reason)
    return action

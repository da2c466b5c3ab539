"""A person may go slower or faster than the evidence, never against it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.policy import RolloutPolicy
from switchyard.rollout.rules.next_action import Hold, Promote, Restore, RolloutState, ShiftTraffic
from switchyard.rollout.rules.steering import Order, Steering, steered

POLICY = RolloutPolicy(steps=(10, 25, 50))
BY_EVIDENCE = (Hold(), ShiftTraffic(1, 0.25), Promote())
ORDERS = [Steering(order, "because", 0, 1.0) for order in Order]


@given(order=st.sampled_from(ORDERS), stage=st.integers(0, 2))
def test_what_gives_everything_back_stands_whatever_was_ordered(order: Steering, stage: int) -> None:
    back = Restore("errors: the challenger is worse")
    assert steered(back, RolloutState(stage), POLICY, order) is back


@pytest.mark.parametrize("action", BY_EVIDENCE)
def test_without_an_order_the_evidence_decides(action: Hold | ShiftTraffic | Promote) -> None:
    assert steered(action, RolloutState(0), POLICY, None) == action
    assert steered(action, RolloutState(0), POLICY, Steering(Order.RESUME, "seen", 0, 1.0)) == action


@pytest.mark.parametrize("action", BY_EVIDENCE)
def test_a_held_rollout_does_not_move_up(action: Hold | ShiftTraffic | Promote) -> None:
    assert steered(action, RolloutState(0), POLICY, Steering(Order.HOLD, "freeze", 0, 1.0)) == Hold()


def test_a_step_is_taken_once() -> None:
    order = Steering(Order.STEP, "quiet hour", 0, 1.0)
    assert steered(Hold(), RolloutState(0), POLICY, order) == ShiftTraffic(1, 0.25, by_hand="quiet hour")
    assert steered(Hold(), RolloutState(1), POLICY, order) == Hold()


def test_past_the_last_step_a_person_says_promote() -> None:
    order = Steering(Order.STEP, "quiet hour", 2, 1.0)
    assert steered(Hold(), RolloutState(2), POLICY, order) == Hold()
    promoted = steered(Hold(), RolloutState(2), POLICY, replace(order, order=Order.PROMOTE))
    assert promoted == Promote(by_hand="quiet hour")


@given(orders=st.lists(st.sampled_from(ORDERS), min_size=1))
def test_the_last_order_counts(orders: list[Steering]) -> None:
    assert Steering.last_of([order.to_dict() for order in orders]) == orders[-1]

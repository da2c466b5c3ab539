"""What a rollout does after a look: one move, and which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.policy import RolloutPolicy
from switchyard.rollout.rules.next_action import (
    Hold,
    Promote,
    Restore,
    RolloutState,
    ShiftTraffic,
    next_action,
)
from switchyard.rollout.rules.verdict import Outcome, Verdict

POLICY = RolloutPolicy()


def verdict(outcome, allowed=0):
    return Verdict(outcome, "because", allowed, 1_000, 100, ())


@pytest.mark.parametrize("outcome", [Outcome.ROLLBACK, Outcome.INCONCLUSIVE])
@pytest.mark.parametrize("stage", [0, 1, 2])
def test_bad_news_restore_from_every_step(outcome, stage):
    assert next_action(RolloutState(stage), verdict(outcome), POLICY) == Restore("because")


def test_evidence_moves_up_one_step_however_strong_it_is():
    found = next_action(RolloutState(0), verdict(Outcome.PROMOTE, 3), POLICY)
    assert found == ShiftTraffic(1, 0.25)


def test_only_the_last_step_promotes():
    assert next_action(RolloutState(1), verdict(Outcome.PROMOTE, 3), POLICY) == ShiftTraffic(2, 0.5)
    assert next_action(RolloutState(2), verdict(Outcome.PROMOTE, 3), POLICY) == Promote()


def test_a_step_is_never_taken_back_for_lack_of_evidence():
    assert next_action(RolloutState(2), verdict(Outcome.CONTINUE, 0), POLICY) == Hold()


@given(st.integers(0, 2), st.sampled_from(list(Outcome)), st.integers(0, 3))
def test_traffic_never_jumps(stage, outcome, allowed):
    action = next_action(RolloutState(stage), verdict(outcome, allowed), POLICY)
    if isinstance(action, ShiftTraffic):
        assert action.stage == stage + 1 <= allowed
        assert action.weight == POLICY.steps[action.stage] / 100

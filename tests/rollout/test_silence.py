"""Silence: requests that never come, or that stop, counted in evidence that could have been read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.rollout.rules.silence import silence
from tests.rollout.rollouts import block

POLICY = RolloutPolicy()
LABELS = RolloutPolicy(metrics={"label_error": MetricPolicy(0.05, maturity_seconds=600)})


def said(blocks, until, policy=POLICY):
    return silence(blocks, policy, 0.0, dict.fromkeys(policy.metrics, until))


@pytest.mark.parametrize(
    ("blocks", "silent"),
    [
        ([], "champion and challenger"),
        ([block(1, (90, 1), (0, 0))], "challenger"),
        ([block(1, (0, 0), (10, 0))], "champion"),
    ],
)
def test_requests_that_never_come_end_it_after_their_time(blocks, silent):
    assert said(blocks, 899.0) == ""
    assert said(blocks, 900.0) == f"errors: no request of {silent} was counted in 900 s"


def test_evidence_that_could_not_be_read_yet_is_not_silence():
    assert said([], 0.0, LABELS) == ""


def test_requests_that_stop_are_silence_too():
    blocks = [block(at) for at in range(0, 3_000, 60)]
    assert said(blocks, 2_940 + 899) == ""
    assert said(blocks, 2_940 + 900) == (
        "errors: requests stopped; none of either model was counted for 900 s"
    )


def test_one_model_that_is_asked_no_more_is_silence_when_its_share_says_so():
    both = [block(at) for at in range(0, 600, 60)]
    alone = [block(at, challenger=(0, 0)) for at in range(600, 1_560, 60)]
    assert said([*both, *alone], 1_560.0).startswith("errors: requests of the challenger stopped")


def test_a_challenger_with_a_small_share_of_little_traffic_may_have_none_for_long():
    both = [block(at) for at in range(0, 600, 60)]
    alone = [block(at, champion=(1, 0), challenger=(0, 0)) for at in range(600, 1_560, 60)]
    assert said([*both, *alone], 1_560.0) == ""


def test_labels_come_when_they_come():
    blocks = [block("0/0", metric="label_error")]
    assert said(blocks, 90_000.0, LABELS) == ""


@given(st.lists(st.integers(0, 50).map(lambda at: at * 60), min_size=1), st.integers(0, 899))
def test_while_both_are_asked_now_and_then_nobody_is_silent(moments, wait):
    """Whatever the order: a gap below the patience at the end ends nothing."""
    blocks = [block(at) for at in moments]
    assert said(blocks, float(max(moments) + wait)) == ""

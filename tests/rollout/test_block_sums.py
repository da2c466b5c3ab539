"""A block counts once, in any order; state merges and is small."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.core.evidence import Block, EvidenceError
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.rollout.rules.block_sums import EMPTY, BlockSums, Wealth, block_of_losses, learn, wealth_of
from tests.rollout.rollouts import block, stream

POLICY = RolloutPolicy()
counts = st.tuples(st.integers(0, 200), st.integers(0, 50)).map(lambda pair: (pair[0], min(pair)))
some_blocks = st.lists(st.tuples(counts, counts, st.integers(0, 2)), min_size=1, max_size=80)


def booked(blocks, policy=POLICY):
    ledger = BlockSums(policy)
    for each in blocks:
        ledger.post(each)
    return ledger.totals()["errors"]


def numbers(wealth):
    return (wealth.blocks, wealth.n0, wealth.s0, wealth.n1, wealth.s1, *wealth.promote, *wealth.rollback)


@settings(max_examples=40)
@given(some_blocks, st.randoms(use_true_random=False))
def test_any_order_and_number_of_deliveries_book_the_same(drawn, dice):
    blocks = [block(at, one, two, stage) for at, (one, two, stage) in enumerate(drawn)]
    again = [b for b in blocks for _ in range(dice.randint(1, 3))]
    dice.shuffle(again)
    straight, shuffled = booked(blocks), booked(again)
    assert numbers(shuffled) == pytest.approx(numbers(straight), abs=1e-9)
    assert shuffled.split == straight.split


def test_bursts_are_found_alike_in_any_order():
    blocks = stream(120, requests=200)
    blocks[40] = block(40, (180, 60), (20, 0))
    shuffled = random.Random(4).sample(blocks, len(blocks))  # noqa: S311 - the same draws every time
    assert numbers(booked(shuffled)) == pytest.approx(numbers(booked(blocks)), abs=1e-9)
    ignored = RolloutPolicy(metrics={"errors": MetricPolicy(0.005, correlation=0.0)})
    assert booked(blocks).rollback != booked(blocks, ignored).rollback


def test_a_period_that_grew_replaces_its_first_version():
    small, grown = block(1, (50, 1), (5, 0)), block(1, (90, 2), (10, 1))
    assert booked([small, grown]) == booked([grown, small]) == booked([grown])


def test_post_says_whether_a_block_was_news():
    ledger = BlockSums(POLICY)
    assert ledger.post(block(1))
    assert not ledger.post(block(1))


def test_states_of_disjoint_blocks_merge_into_that_of_all():
    blocks = stream(20)
    parts = [booked(blocks[::2]), booked(blocks[1::2])]
    assert numbers(parts[0] + parts[1]) == pytest.approx(numbers(booked(blocks)), abs=1e-9)


def test_state_is_small_and_survives_json():
    wealth = booked(stream(50, stage=2, weight=0.5))
    text = json.dumps(wealth.to_dict())
    assert len(text) < 1_024
    assert Wealth.from_dict(json.loads(text)) == wealth


def test_a_metric_that_the_policy_does_not_have_is_refused():
    with pytest.raises(EvidenceError, match="metric: 'latency' is not in the policy, which declares: errors"):
        BlockSums(POLICY).post(block(1, metric="latency"))


def test_correlated_requests_count_for_less():
    metric = POLICY.metrics["errors"]
    one = block(1, (900, 9), (100, 30))
    free, tied = (wealth_of(one, metric, rho).rollback for rho in (0.0, 0.1))
    assert max(free) > 5 * max(tied) > 0


def test_losses_that_are_not_zero_or_one_keep_only_sums():
    metric = MetricPolicy(margin=0.01, baseline=0.1, spread=0.05)
    found = block_of_losses(("score", "1"), 0, [0.1] * 50, [0.1] * 50, metric)
    assert (found.n0, found.s0, len(found.log_e)) == (50, pytest.approx(5.0), 10)
    assert wealth_of(found, metric).promote == found.log_e[:5]


@pytest.mark.parametrize("loss", [-0.1, 1.1, float("nan")])
def test_losses_outside_zero_and_one_are_refused(loss):
    with pytest.raises(EvidenceError, match="s1: a loss must lie in"):
        block_of_losses(("score", "1"), 0, [0.5], [loss], MetricPolicy(0.01))


def test_learning_takes_baseline_and_correlation_from_the_champion():
    past = [block(at, (100, 100 if at % 50 == 0 else 1), (0, 0)) for at in range(1_000)]
    learned = learn(POLICY, past).metrics["errors"]
    assert learned.baseline == pytest.approx((2_980 + 0.5) / 100_001)
    assert learned.correlation > 0.1
    assert learned.margin == POLICY.metrics["errors"].margin


def test_a_short_history_leaves_bursts_to_be_seen_live():
    learned = learn(POLICY, [block(at, (100, 1), (0, 0)) for at in range(100)]).metrics["errors"]
    assert learned.correlation is None
    assert learn(POLICY, []) == POLICY


def test_a_champion_that_never_failed_is_expected_to_fail_rarely():
    learned = learn(POLICY, [block(1, (999, 0), (0, 0))]).metrics["errors"]
    assert learned.baseline == pytest.approx(0.0005)


def test_nothing_is_the_zero_of_merging():
    wealth = booked(stream(3))
    assert EMPTY + wealth == wealth == wealth + EMPTY


def test_block_ids_sort_as_people_read_them():
    ids = ["10", "9", "2026-08-17T10:05", "2026-08-17T10:04"]
    ledger = BlockSums(POLICY)
    for each in ids:
        ledger.post(Block("errors", each, 0, 9, 0, 1, 0))
    found = [b.block for b in ledger.metrics["errors"].in_order()]
    assert found == ["9", "10", "2026-08-17T10:04", "2026-08-17T10:05"]

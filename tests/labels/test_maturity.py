"""Labels count at a fixed age."""

from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.labels.rules.maturity import Served, exceedances, mature_blocks
from switchyard.rollout.rules.verdict import judge
from tests.rollout.rollouts import evidence

HOUR = 3_600.0


def blocks(served, now, age=HOUR):
    return mature_blocks("wrong", served, now, age, 60.0)


def test_a_period_counts_once_all_its_requests_have_reached_the_age():
    served = [Served(30.0, False, 0, 0.0, 40.0), Served(59.0, True, 0, 1.0, 100.0)]
    assert blocks(served, 60.0 + HOUR - 1) == []
    wrong, missing = blocks(served, 60.0 + HOUR)
    assert (wrong.n0, wrong.s0, wrong.n1, wrong.s1) == (1, 0.0, 1, 1.0)
    assert (missing.metric, missing.s0, missing.s1) == ("wrong_missing", 0, 0)


def test_a_label_after_the_age_is_a_missing_one_however_late_we_look():
    served = [Served(0.0, True, 0, 1.0, HOUR + 1), Served(1.0, True, 0, 0.0, 5.0), Served(2.0, False, 0)]
    wrong, missing = blocks(served, 10 * HOUR)
    assert (wrong.n0, wrong.n1, wrong.s1) == (0, 1, 0.0)
    assert (missing.n0, missing.s0, missing.n1, missing.s1) == (1, 1, 2, 1)


def test_steps_inside_one_period_are_blocks_of_their_own():
    served = [Served(1.0, True, 0, 0.0, 1.0), Served(2.0, True, 1, 0.0, 2.0)]
    assert [b.stage for b in blocks(served, 10 * HOUR) if b.metric == "wrong"] == [0, 1]


def test_the_blocks_are_evidence_that_judge_reads():
    metrics = {"wrong": MetricPolicy(0.05, 0.1), "wrong_missing": MetricPolicy(0.1, 0.1)}
    served = [Served(float(at), at % 2 == 0, 0, float(at % 10 == 0), at + 1.0) for at in range(600)]
    verdict = judge(evidence(blocks(served, 10 * HOUR)), RolloutPolicy(metrics=metrics))
    assert verdict.requests == 600


def test_latency_is_a_loss_beyond_its_limit():
    assert exceedances([10.0, 100.0, 100.1], 100.0) == (3, 1)
    assert exceedances([], 100.0) == (0, 0)

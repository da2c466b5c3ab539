"""The interval in the report covers the truth at every look."""

from switchyard.core.policy import MetricPolicy
from switchyard.rollout.rules.interval import difference_interval
from tests.rollout.rollouts import block, stream

METRIC = MetricPolicy(0.005)


def test_more_evidence_means_a_narrower_interval_around_the_truth():
    blocks = stream(200, challenger=0.02)
    widths = []
    for count in (5, 50, 200):
        lower, upper = difference_interval(blocks[:count], METRIC, 0.05)
        assert lower < 0.01 < upper
        widths.append(upper - lower)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.01


def test_the_truth_is_covered_at_every_look_of_most_rollouts():
    missed = 0
    for seed in range(30):
        blocks = stream(40, challenger=0.015, seed=seed, requests=500)
        found = [difference_interval(blocks[:count], METRIC, 0.05) for count in range(5, 41, 5)]
        missed += any(not lower <= 0.005 <= upper for lower, upper in found)
    assert missed <= 7  # 10 % of 30 are expected at most; more than 7 has probability 0.008


def test_long_rollouts_are_grouped_and_stay_close_to_the_finest_answer():
    blocks = stream(300, requests=300)
    fine = difference_interval(blocks[:32], METRIC, 0.05)
    assert all(abs(v) < 0.1 for v in fine)
    lower, upper = difference_interval(blocks, METRIC, 0.05)
    assert fine[0] < lower < 0 < upper < fine[1]


def test_correlation_widens_the_interval():
    blocks = stream(100)
    free, tied = (difference_interval(blocks, METRIC, 0.05, rho) for rho in (0.0, 0.01))
    assert tied[0] < free[0] < free[1] < tied[1]


def test_blocks_without_one_arm_leave_everything_open():
    assert difference_interval([block(1, (90, 1), (0, 0))], METRIC, 0.05) == (-1.0, 1.0)


def test_a_total_failure_is_bounded_by_one():
    lower, upper = difference_interval([block(at, (90, 0), (10, 10)) for at in range(50)], METRIC, 0.05)
    assert lower > 0.5
    assert upper == 1.0

"""What a rollout will cost, before it starts."""

import math

import pytest

from switchyard.config.rules.forecast import affordable_requests, check_plan, forecast
from switchyard.core.policy import MetricPolicy, PolicyError, RolloutPolicy

POLICY = RolloutPolicy()


def test_a_harder_question_takes_longer():
    equal, margin, twice = forecast(POLICY)
    assert twice.expected_requests < equal.expected_requests < margin.expected_requests
    assert all(case.expected_requests < case.p90_requests for case in (equal, margin, twice))
    assert twice.exposed_requests == pytest.approx(twice.expected_requests / 10)


def test_half_the_margin_takes_about_four_times_as_long():
    wide, narrow = (
        forecast(RolloutPolicy(metrics={"errors": MetricPolicy(m, 0.1)}))[0].expected_requests
        for m in (0.02, 0.01)
    )
    assert narrow / wide == pytest.approx(4, rel=0.1)


def test_promotion_waits_for_the_slowest_metric_and_rollback_for_the_fastest():
    slow, fast = MetricPolicy(0.001, 0.05), MetricPolicy(0.01, 0.05)
    both, only_slow, only_fast = (
        forecast(RolloutPolicy(metrics=m)) for m in ({"a": slow, "b": fast}, {"a": slow}, {"b": fast})
    )
    assert both[0] == only_slow[0]
    assert both[2] == only_fast[2]


def test_a_plan_that_cannot_end_in_time_is_refused_with_the_numbers():
    with pytest.raises(PolicyError, match="needs 20,0") as refused:
        check_plan(POLICY, 5)
    assert refused.value.field == "deadline_seconds"
    assert "7,200 will have come by the deadline at 5 a minute" in refused.value.reason


def test_the_margin_that_is_offered_instead_is_reachable():
    with pytest.raises(PolicyError, match="widen the margin to ") as refused:
        check_plan(POLICY, 5)
    offered = float(refused.value.reason.split("widen the margin to ")[1].split(",")[0])
    check_plan(RolloutPolicy(metrics={"errors": MetricPolicy(1.15 * offered)}), 5)


def test_a_plan_with_enough_traffic_passes():
    check_plan(POLICY, 100)


def test_the_earlier_deadline_counts():
    assert affordable_requests(RolloutPolicy(deadline_requests=100), 10) == 100
    assert affordable_requests(RolloutPolicy(deadline_seconds=60), 10) == 10
    with pytest.raises(PolicyError) as refused:
        check_plan(RolloutPolicy(deadline_requests=1_000), 10_000)
    assert refused.value.field == "deadline_requests"


@pytest.mark.parametrize("traffic", [0, -1, math.inf, math.nan])
def test_traffic_that_is_none_is_refused(traffic):
    with pytest.raises(PolicyError, match="requests_per_minute"):
        check_plan(POLICY, traffic)


def test_money_is_the_time_of_the_challengers_instances():
    equal = forecast(POLICY)[0]
    minutes, _ = equal.minutes(100)
    assert equal.dollars(100, 0.6) == pytest.approx(minutes / 100)

"""Policies: safe when nothing is said, refused with field and reason when they make no sense."""

import pytest

from switchyard.core.gate_policy import GATE_METRICS, GateMetric, GatePolicy
from switchyard.core.policy import MetricPolicy, PolicyError, Problem, RolloutPolicy

NAN, INF = float("nan"), float("inf")


def test_defaults_are_the_safe_ones():
    policy = RolloutPolicy()
    assert (policy.alpha, policy.steps) == (0.05, (10, 25, 50))
    assert policy.metrics["errors"] == MetricPolicy(margin=0.005, baseline=0.01)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"margin": 0.0}, "margin"),
        ({"margin": -0.1}, "margin"),
        ({"margin": 1.0}, "margin"),
        ({"margin": NAN}, "margin"),
        ({"margin": 0.01, "baseline": 1.5}, "baseline"),
        ({"margin": 0.01, "baseline": NAN}, "baseline"),
        ({"margin": 0.01, "tolerance": 0.01}, "tolerance"),
        ({"margin": 0.01, "tolerance": -0.1}, "tolerance"),
        ({"margin": 0.01, "spread": 0.0}, "spread"),
        ({"margin": 0.01, "correlation": 1.1}, "correlation"),
        ({"margin": 0.01, "maturity_seconds": INF}, "maturity_seconds"),
        ({"margin": 0.01, "limit_milliseconds": 0}, "limit_milliseconds"),
    ],
)
def test_metric_policies_that_decide_nothing_are_refused(fields, named):
    with pytest.raises(PolicyError) as refused:
        MetricPolicy(**fields)
    assert refused.value.field == named


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"alpha": 0.0}, "alpha"),
        ({"alpha": 0.5}, "alpha"),
        ({"alpha": NAN}, "alpha"),
        ({"metrics": {}}, "metrics"),
        ({"steps": ()}, "steps"),
        ({"steps": (50, 10)}, "steps"),
        ({"steps": (10, 10)}, "steps"),
        ({"steps": (10, 100)}, "steps"),
        ({"deadline_requests": 0}, "deadline_requests"),
        ({"deadline_seconds": INF}, "deadline_seconds"),
        ({"silence_seconds": 0}, "silence_seconds"),
        ({"sample_ratio_alpha": 0.5}, "sample_ratio_alpha"),
    ],
)
def test_rollout_policies_that_decide_nothing_are_refused(fields, named):
    with pytest.raises(PolicyError) as refused:
        RolloutPolicy(**fields)
    assert refused.value.field == named
    assert str(refused.value).startswith(f"{named}: ")


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_gates_that_fit_it(problem):
    assert all(problem in GATE_METRICS[name].problems for name in GatePolicy(problem).metrics)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"metrics": {"auc": GateMetric(0.1)}, "problem": Problem.REGRESSION}, "metrics.auc"),
        ({"metrics": {"gini": GateMetric(0.1)}}, "metrics.gini"),
        ({"alpha": 0.9}, "alpha"),
        ({"minimum_rows": 1}, "minimum_rows"),
        ({"slice_margin": -1}, "slice_margin"),
    ],
)
def test_gate_policies_that_decide_nothing_are_refused(fields, named):
    with pytest.raises(PolicyError) as refused:
        GatePolicy(**fields)
    assert refused.value.field == named


def test_a_known_spread_allows_larger_stakes_and_never_smaller_ones():
    assert MetricPolicy(0.01, 0.1).scale == 1.0
    assert MetricPolicy(0.01, 0.1, spread=0.1).scale == pytest.approx(9.0)
    assert MetricPolicy(0.01, 0.1, spread=0.5).scale == 1.0

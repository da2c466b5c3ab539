"""What a rollout will cost before it starts: time to a verdict, and requests that see the challenger.

Log-wealth is treated as a Brownian motion whose variance is twice its drift, as a log-likelihood ratio's is; its
first passage then follows the inverse Gaussian law (Wald, Sequential Analysis, 1947). tests/simulation holds the
figures to simulated rollouts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from switchyard.core.policy import MetricPolicy, PolicyError, RolloutPolicy
from switchyard.stats import bounds, normal

# (title, true difference in margins, nats needed over Wald's bound). The last is fitted to simulated rollouts with the
# evidence ramp: it holds what mixing bets costs, overshoot, and that one in three at the margin sees the second step.
_CASES = (("no difference", 0.0, 1.17), ("at the margin", 1.0, 0.95), ("twice the margin", 2.0, 1.31))


@dataclass(frozen=True)
class Forecast:
    """One assumption about the truth. Requests are of both models; infinite when evidence cannot decide it."""

    title: str
    expected_requests: float
    p90_requests: float
    exposed_requests: float  # expected, of the challenger

    def minutes(self, requests_per_minute: float) -> tuple[float, float]:
        """(expected, p90) at a given traffic."""
        return self.expected_requests / requests_per_minute, self.p90_requests / requests_per_minute

    def dollars(self, requests_per_minute: float, dollars_per_hour: float) -> float:
        """Expected cost of the instances that run for the challenger beside the champion's."""
        return self.minutes(requests_per_minute)[0] / 60 * dollars_per_hour


def forecast(policy: RolloutPolicy) -> tuple[Forecast, ...]:
    """At no difference, at the margin and at twice the margin; the slowest metric of the policy decides."""
    return tuple(_forecast(policy, *case) for case in _CASES)


def check_plan(policy: RolloutPolicy, requests_per_minute: float) -> None:
    """Refuse a rollout that cannot be expected to reach a verdict by its deadline; PolicyError gives the numbers.

    The question is asked for an equal challenger: the case that people hope for.
    """
    if not 0 < requests_per_minute < math.inf:
        raise PolicyError("requests_per_minute", f"must be more than 0, got {requests_per_minute!r}")
    needed = forecast(policy)[0].expected_requests
    affordable = affordable_requests(policy, requests_per_minute)
    if needed > affordable:
        raise PolicyError(
            "deadline_requests" if affordable == policy.deadline_requests else "deadline_seconds",
            f"an equal challenger needs {needed:,.0f} requests on average, {affordable:,.0f} will have come by the "
            f"deadline at {requests_per_minute:g} a minute; widen the margin to "
            f"{reachable_margin(policy, affordable):.2g}, or wait longer",
        )


def affordable_requests(policy: RolloutPolicy, requests_per_minute: float) -> float:
    """Requests that will have come by the earlier deadline."""
    by_time = requests_per_minute * policy.deadline_seconds / 60
    return min(by_time, policy.deadline_requests or math.inf)


def reachable_margin(policy: RolloutPolicy, requests: float) -> float:
    """The margin of the slowest metric at which an equal challenger is promoted within so many requests."""
    slowest = max(policy.metrics.values(), key=lambda metric: _promotion(metric, policy)[0])
    # Requests fall with the square of the margin.
    return slowest.margin * math.sqrt(_promotion(slowest, policy)[0] / requests)


def _forecast(policy: RolloutPolicy, title: str, margins: float, cost: float) -> Forecast:
    found = [
        _rollback(metric, policy, margins, cost) if margins else _promotion(metric, policy)
        for metric in policy.metrics.values()
    ]
    # Promotion waits for the last metric, rollback for the first.
    chosen = max(found) if not margins else min(found)
    return Forecast(title, *chosen)


def _promotion(metric: MetricPolicy, policy: RolloutPolicy) -> tuple[float, float, float]:
    """Every step is left when its share of ln(1/alpha) has been gathered."""
    rates = [_nats(metric, 0.0, metric.margin, step / 100) for step in policy.steps]
    mean, tail = _passage(policy.alpha, _CASES[0][2])
    share = [1 / len(rates)] * len(rates)
    return _along(policy.steps, rates, share, mean, tail)


def _rollback(
    metric: MetricPolicy, policy: RolloutPolicy, margins: float, cost: float
) -> tuple[float, float, float]:
    """A challenger this bad seldom leaves the first step."""
    rate = _nats(metric, margins * metric.margin, metric.tolerance, policy.steps[0] / 100)
    mean, tail = _passage(policy.alpha, cost)
    return _along(policy.steps[:1], [rate], [1.0], mean, tail)


def _nats(metric: MetricPolicy, difference: float, line: float, weight: float) -> float:
    p0 = min(max(metric.baseline, 0.1 * metric.margin), 1 - 0.1 * metric.margin)
    p1 = min(p0 + difference, 1 - 1e-6)
    return bounds.information(p0, p1, line, weight) * metric.scale


def _along(
    steps: Sequence[int], rates: Sequence[float], share: Sequence[float], mean: float, tail: float
) -> tuple[float, float, float]:
    """(expected, p90, expected challenger) requests to gather `mean` and `tail` nats over the steps."""
    if min(rates) <= 0:
        return math.inf, math.inf, math.inf
    each = [part / rate for part, rate in zip(share, rates, strict=True)]
    exposed = sum(requests * step / 100 for requests, step in zip(each, steps, strict=True))
    return mean * sum(each), tail * sum(each), mean * exposed


def _passage(alpha: float, cost: float) -> tuple[float, float]:
    """Nats (expected, p90) until the threshold is passed."""
    mean = bounds.needed(alpha, alpha) * cost
    return mean, _inverse_gaussian_quantile(0.9, mean, mean**2 / 2)


def _inverse_gaussian_quantile(probability: float, mean: float, shape: float) -> float:
    low, high = 0.0, 50 * mean
    for _ in range(60):
        x = 0.5 * (low + high)
        root = math.sqrt(shape / x)
        below = normal.cdf(root * (x / mean - 1)) + math.exp(2 * shape / mean) * normal.cdf(
            -root * (x / mean + 1)
        )
        low, high = (x, high) if below < probability else (low, x)
    return 0.5 * (low + high)

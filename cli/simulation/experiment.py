"""One experiment: a world, some rules, a number of rollouts; and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from cli.simulation.engine import CONTINUE, PROMOTE, ROLLBACK, Progress, Result, Rule, run
from cli.simulation.judging import Judge
from cli.simulation.mixture import Oracle
from cli.simulation.peers import PEERS, fixed_horizon
from cli.simulation.world import Ramp, World
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.stats import bounds


@dataclass(frozen=True)
class Experiment:
    """`rules` by name; the policy has one metric, whose baseline the peers know too."""

    world: World
    policy: RolloutPolicy
    rules: tuple[str, ...]
    runs: int
    seed: int

    def __post_init__(self) -> None:
        for name in self.rules:
            if name not in RULES:
                raise ValueError(f"rule: {name!r} is unknown; known: {', '.join(RULES)}")
            if self.world.ramp is Ramp.EVIDENCE and name in _PEERS:
                raise ValueError(f"rule: {name} cannot drive a ramp by evidence; choose --ramp time or fixed")


@dataclass(frozen=True)
class Summary:
    """Shares of rollouts, requests of both models; wald_ratio: mean requests over Wald's lower bound (drift ignored).

    nats_ratio: mean information used over Wald's bound on it, which holds whatever moves the split; equal to
    wald_ratio for a fixed split.
    """

    rule: str
    runs: int
    promoted: float
    rolled_back: float
    undecided: float
    mean_requests: float
    p90_requests: float
    mean_challenger: float
    reached: tuple[float, ...]
    wald_ratio: float
    nats_ratio: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def _ours(policy: RolloutPolicy) -> Rule:
    return Judge(policy)


def _oracle(policy: RolloutPolicy) -> Rule:
    return Oracle(_metric(policy), policy.alpha)


_PEERS: dict[str, Callable[[RolloutPolicy], Rule]] = {
    peer.name.lower().replace(" ", "-"): lambda policy, peer=peer: peer(_metric(policy), policy.alpha)  # type: ignore[misc]
    for peer in PEERS
}
RULES: dict[str, Callable[[RolloutPolicy], Rule]] = {"switchyard": _ours, "oracle-sprt": _oracle, **_PEERS}


def _metric(policy: RolloutPolicy) -> MetricPolicy:
    return next(iter(policy.metrics.values()))


def summaries(experiment: Experiment, progress: Progress = lambda _share: None) -> list[Summary]:
    """Run it. The horizon is the policy's deadline, or twice what one fixed-size test would need."""
    policy, world = experiment.policy, experiment.world
    metric = _metric(policy)
    horizon = policy.deadline_requests or _horizon(metric, world, policy.alpha)
    rules = [RULES[name](policy) for name in experiment.rules]
    found = run(world, rules, runs=experiment.runs, seed=experiment.seed, horizon=horizon, progress=progress)
    return [summary(name, result, world, metric, policy.alpha) for name, result in found.items()]


def _horizon(metric: MetricPolicy, world: World, alpha: float) -> int:
    fixed = replace(world, ramp=Ramp.FIXED) if world.ramp is Ramp.EVIDENCE else world
    return int(2 * fixed_horizon(metric, fixed, alpha))


def summary(name: str, result: Result, world: World, metric: MetricPolicy, alpha: float) -> Summary:
    """The figures of one rule."""
    nats = np.array(world.information(metric.margin, metric.tolerance))
    promoted, rolled_back = result.share(PROMOTE), result.share(ROLLBACK)
    mean = float(result.requests.mean())
    return Summary(
        name,
        len(result.outcome),
        promoted,
        rolled_back,
        result.share(CONTINUE),
        mean,
        float(np.quantile(result.requests, 0.9)),
        float(result.challenger.mean()),
        tuple(float(np.mean(result.stage >= step)) for step in range(1, len(world.steps))),
        mean / world.wald(metric.margin, metric.tolerance, alpha),
        float((result.steps @ nats).mean()) / bounds.needed(alpha, alpha),
    )

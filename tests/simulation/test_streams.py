"""Worlds and streams: the truth that rules are judged against."""

import numpy as np
import pytest

from cli.simulation.engine import PROMOTE, Counts, Rule, run
from cli.simulation.experiment import RULES, Experiment, summaries
from cli.simulation.peers import fixed_horizon
from cli.simulation.world import Drift, Ramp, World
from switchyard.config.rules.forecast import forecast
from switchyard.core.policy import MetricPolicy, RolloutPolicy

POLICY = RolloutPolicy()


class Watcher(Rule):
    """Never decides; remembers what it saw."""

    name = "watcher"

    def __init__(self, allowed=0):
        self.allowed = allowed
        self.seen = []

    def begin(self, runs, world):
        self.state = {"runs": np.zeros(runs)}

    def observe(self, counts: Counts):
        self.seen.append(counts)
        return np.zeros(len(counts.n0), np.int8)

    def stage_allowed(self):
        return np.full(len(self.state["runs"]), self.allowed)


def watched(world, horizon=40_000, runs=200, allowed=0):
    rule = Watcher(allowed)
    result = run(world, [rule], runs=runs, seed=1, horizon=horizon)["watcher"]
    return rule.seen, result


def rate(seen, losses, requests):
    return sum(getattr(c, losses).sum() for c in seen) / sum(getattr(c, requests).sum() for c in seen)


def test_streams_have_the_rates_and_the_split_they_were_asked_for():
    seen, _ = watched(World(0.1, 0.05))
    assert rate(seen, "s0", "n0") == pytest.approx(0.10, rel=0.02)
    assert rate(seen, "s1", "n1") == pytest.approx(0.15, rel=0.02)
    assert sum(c.n1.sum() for c in seen) / (200 * 40_000) == pytest.approx(0.10, rel=0.01)


def test_the_same_seed_gives_the_same_stream():
    first, second = (watched(World(0.1), horizon=1_000)[0] for _ in range(2))
    assert all((a.s0 == b.s0).all() for a, b in zip(first, second, strict=True))


def test_the_time_ramp_steps_by_the_clock():
    _, result = watched(World(0.01, ramp=Ramp.TIME), runs=3)
    assert result.steps.tolist() == [[10_000, 10_000, 20_000]] * 3
    assert result.stage.tolist() == [2] * 3


def test_the_evidence_ramp_goes_up_one_step_a_look_when_allowed():
    seen, _ = watched(World(0.01, ramp=Ramp.EVIDENCE), horizon=500, runs=2, allowed=3)
    assert [c.stage.tolist() for c in seen] == [[0, 0], [1, 1], [2, 2], [2, 2], [2, 2]]


@pytest.mark.parametrize(
    ("drift", "start", "end"), [(Drift.UP, 0.5, 2.5), (Drift.DOWN, 2.5, 0.5), (Drift.NONE, 1, 1)]
)
def test_drift_moves_both_models_alike(drift, start, end):
    world = World(0.01, 0.005, drift=drift)
    for requests, factor in ((0, start), (30_000, end), (90_000, end)):
        assert world.rates(requests) == pytest.approx((0.01 * factor, 0.01 * factor + 0.005))


def test_bursts_fail_whole_blocks_of_one_model():
    seen, _ = watched(World(0.01, look=500, burst=0.05), horizon=20_000)
    failing = np.concatenate([c.s0 / c.n0 for c in seen]) > 0.1
    assert failing.mean() == pytest.approx(0.05, rel=0.15)


def test_delayed_labels_are_seen_later_and_counted_at_their_time():
    seen, result = watched(World(0.01, label_delay=1_000), horizon=2_000, runs=1)
    assert len(seen) == 10
    assert result.requests.tolist() == [2_000]


def test_rates_that_leave_the_unit_interval_are_refused():
    with pytest.raises(ValueError, match="a loss rate leaves"):
        World(0.01, -0.02)


def test_wald_bounds_of_the_design_points():
    # d(0.95, 0.05) over the information of a request: 29.46k, 27.31k; with the ramp 18.72k, 18.49k.
    bounds = [World(0.01, k * 0.005, ramp=r).wald(0.005) for r in (Ramp.FIXED, Ramp.TIME) for k in (0, 1)]
    assert bounds == pytest.approx([29_465, 27_308, 18_719, 18_491], abs=1)


def test_fixed_horizon_is_the_textbooks_sample_size():
    n = (2 * 1.6448536) ** 2 * 0.01 * 0.99 / 0.005**2 * (1 / 0.1 + 1 / 0.9)
    assert fixed_horizon(MetricPolicy(0.005), World(0.01), 0.05) == pytest.approx(n, rel=0.005)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_judges_a_hopeless_challenger(name):
    ramp = Ramp.FIXED
    found = summaries(Experiment(World(0.01, 0.2, ramp=ramp), POLICY, (name,), 20, 1))
    assert found[0].promoted == 0.0
    assert found[0].rolled_back == 1.0


def test_unknown_rules_and_impossible_ramps_are_refused():
    with pytest.raises(ValueError, match="rule: 'dice' is unknown; known: switchyard, oracle-sprt"):
        Experiment(World(0.01), POLICY, ("dice",), 1, 1)
    with pytest.raises(ValueError, match="flagger cannot drive a ramp by evidence"):
        Experiment(World(0.01, ramp=Ramp.EVIDENCE), POLICY, ("flagger",), 1, 1)


def test_the_plan_foresees_what_simulation_finds():
    planned = forecast(POLICY)
    for case, margins in zip(planned, (0.0, 1.0, 2.0), strict=True):
        world = World(0.01, margins * 0.005, ramp=Ramp.EVIDENCE, look=250)
        policy = RolloutPolicy(deadline_requests=400_000)
        found = summaries(Experiment(world, policy, ("switchyard",), 150, 3))[0]
        assert case.expected_requests == pytest.approx(found.mean_requests, rel=0.25)
        assert case.p90_requests == pytest.approx(found.p90_requests, rel=0.35)


def test_closed_runs_are_dropped_without_changing_the_others():
    class Early(Watcher):
        def observe(self, counts):
            self.seen.append(counts)
            return np.where(counts.s0 > 2, PROMOTE, 0).astype(np.int8)

    early = Early()
    result = run(World(0.01), [early], runs=500, seed=4, horizon=3_000)["watcher"]
    assert len(early.seen[-1].n0) < 500
    assert (result.requests[result.outcome == PROMOTE] <= 3_000).all()
    assert (result.requests[result.outcome != PROMOTE] == 3_000).all()

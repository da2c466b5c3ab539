"""The rollout benchmark in short: a thousand rollouts a row, same seeds every time."""

from functools import cache

import numpy as np
import pytest

from benchmarks.checks import Check, upper_limit
from benchmarks.rollout import promises
from benchmarks.rollout_cells import ACCURACY, ERRORS, RARE, Cell, cells, simulate
from benchmarks.rollout_laws import agreement, deliveries, known_values, offline_gate, speed
from cli.simulation.engine import Counts
from cli.simulation.several import Second, Several
from cli.simulation.world import Drift, Ramp
from switchyard.core.evidence import Block
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.rollout.rules.block_sums import BlockSums
from switchyard.rollout.rules.verdict import Outcome, decide

RUNS = 1_000
OUTCOMES = {1: Outcome.PROMOTE, 0: Outcome.CONTINUE, -1: Outcome.ROLLBACK}


def row(setting, margins, ramp, drift=Drift.NONE, runs=RUNS):
    return simulate(Cell("errors", setting, margins, setting.world(margins, ramp, drift), runs))[0]


def credible(share, runs):
    """Not proved to be above 5 %: a true 5 % shows this much or less with probability 99.9 %."""
    return upper_limit(share, runs, confidence=0.001) <= 0.05


@pytest.mark.parametrize("ramp", Ramp)
@pytest.mark.parametrize("setting", [ERRORS, ACCURACY, RARE], ids=lambda setting: setting.name.split()[0])
def test_both_errors_stay_below_alpha_and_requests_near_the_bound(setting, ramp):
    equal, margin = row(setting, 0.0, ramp), row(setting, 1.0, ramp)
    assert credible(margin["promoted"], RUNS)
    assert credible(equal["rolled_back"], RUNS)
    assert equal["promoted"] > 0.88
    assert max(equal["nats_ratio"], margin["nats_ratio"]) < 1.3
    if ramp is Ramp.EVIDENCE:
        assert margin["reached"][0] < 0.41  # 37 % and four standard errors
        assert margin["reached"][1] < 0.18


@pytest.mark.parametrize("drift", [Drift.DAY, Drift.UP, Drift.DOWN])
def test_errors_stay_below_alpha_while_the_baseline_drifts_during_the_ramp(drift):
    assert credible(row(ERRORS, 1.0, Ramp.TIME, drift)["promoted"], RUNS)
    assert credible(row(ERRORS, 0.0, Ramp.TIME, drift)["rolled_back"], RUNS)


def test_five_times_the_errors_are_rolled_back_within_150_challenger_requests():
    found = row(ERRORS, 8.0, Ramp.EVIDENCE, runs=2_000)
    assert found["rolled_back"] == 1.0
    assert found["mean_challenger"] < 150
    assert found["wald_ratio"] < 2.0


def test_twice_the_margin_costs_less_than_half_more_than_the_bound():
    found = row(ERRORS, 2.0, Ramp.FIXED)
    assert found["rolled_back"] > 0.99
    assert found["wald_ratio"] < 1.5


@pytest.mark.parametrize("history", [0, 2_000])
@pytest.mark.parametrize("margins", [0.0, 1.0])
def test_bursts_of_one_model_do_not_decide(margins, history):
    chosen = next(
        c for c in cells(RUNS)
        if c.kind == "bursts" and (c.margins, c.world.history, c.world.burst) == (margins, history, 0.01)
    )  # fmt: skip
    found = {each["rule"]: each for each in simulate(chosen)}
    wrong = "promoted" if margins else "rolled_back"
    assert credible(found["switchyard"][wrong], RUNS)
    if not history:
        assert found["switchyard, bursts ignored"][wrong] > 0.15


@pytest.mark.parametrize("at", range(6))
def test_two_metrics_keep_both_errors_below_alpha(at):
    cell = [each for each in cells(RUNS) if each.kind == "several"][at]
    found = simulate(cell)[0]
    assert credible(found["promoted" if found["worst"] else "rolled_back"], RUNS)
    assert found["worst"] or found["promoted"] > 0.85


def test_the_vectorised_rule_for_several_metrics_is_decide():
    policy = RolloutPolicy(
        metrics={"errors": ERRORS.policy, "latency": MetricPolicy(0.01, 0.02)}, sample_ratio_alpha=0
    )
    rule = Several(ERRORS.policy, {"latency": Second(0.02, 0.01, policy.metrics["latency"])})
    runs, dice = 8, np.random.default_rng(3)
    rule.begin(runs, ERRORS.world(0.0, Ramp.FIXED))
    ledgers = [BlockSums(policy) for _ in range(runs)]
    for look in range(120):
        n1 = dice.binomial(100, 0.3, runs)
        stage, s0, s1 = np.zeros(runs, np.int64), dice.binomial(100 - n1, 0.01), dice.binomial(n1, 0.02)
        codes = rule.observe(Counts(stage, 100 - n1, s0, n1, s1, 100 * (look + 1)))
        for counts, name in zip(rule.seen, policy.metrics, strict=True):
            for at, ledger in enumerate(ledgers):
                ledger.post(
                    Block(
                        name,
                        str(look),
                        0,
                        *(int(c[at]) for c in (counts.n0, counts.s0, counts.n1, counts.s1)),
                    )
                )
        verdicts = [decide(ledger.totals(), 0.0, policy) for ledger in ledgers]
        assert [v.outcome for v in verdicts] == [OUTCOMES[int(code)] for code in codes]
        slowest = [min(m.log_e_promote for m in v.metrics) for v in verdicts]
        assert rule.slowest == pytest.approx(slowest, abs=1e-9)


def test_peers_promote_harm_far_more_often_on_the_same_streams():
    cell = Cell("peers", ERRORS, 1.0, ERRORS.world(1.0, Ramp.FIXED), 400, peers=True)
    promoted = {each["rule"]: each["promoted"] for each in simulate(cell)}
    assert promoted["switchyard"] < 0.09
    assert min(promoted[name] for name in ("Flagger", "Argo Rollouts", "Kayenta", "peeking z")) > 0.19
    assert promoted["oracle SPRT"] == 0.0


def test_pooling_over_a_drifting_ramp_misleads_peers_and_not_us():
    world = ERRORS.world(1.0, Ramp.TIME, Drift.DOWN)
    found = {each["rule"]: each for each in simulate(Cell("peers", ERRORS, 1.0, world, 400, peers=True))}
    assert found["switchyard"]["promoted"] < 0.09
    assert min(found[name]["promoted"] for name in ("GrowthBook", "fixed-horizon z")) > 0.4


def test_the_vectorised_rule_is_judge():
    assert agreement(runs=25).passed


@pytest.mark.parametrize("check", list(known_values()), ids=lambda check: check.name)
def test_laws_hold(check):
    assert check.passed, f"{check.value} {check.limit}"


@cache
def delivered():
    return {check.name: check for check in deliveries(rollouts=10)}


@pytest.mark.parametrize(
    "name",
    [
        "redelivered in any order: largest difference of log-wealth",
        "redelivered in any order: looks with another verdict",
        "late by one look: verdicts that differ once it is in",
    ],
)
def test_laws_of_delivery_hold(name):
    check = delivered()[name]
    assert check.passed, f"{check.value} {check.limit}"


def test_the_offline_gate_keeps_its_level_and_has_power():
    at_margin, equal = offline_gate(runs=1_500)
    assert credible(at_margin.value, 1_500)
    assert equal.passed


def test_state_is_below_a_kilobyte():
    assert list(speed())[-1].passed


def test_a_missed_promise_is_reported():
    bad = row(ERRORS, 1.0, Ramp.FIXED) | {"promoted": 0.06}
    missed = [check for check in promises([bad]) if not check.passed]
    assert missed[0].value == 0.06
    assert not Check("x", 2.0, at_most=1.0).passed
    assert not Check("x", 0.5, at_least=1.0).passed


def test_upper_limit_is_the_exact_binomial_one():
    # Clopper & Pearson 1934; with nothing seen it is 1 - (1 - confidence)^(1/n).
    assert upper_limit(0.0, 100) == pytest.approx(1 - 0.01**0.01, rel=1e-6)
    assert upper_limit(0.05, 10_000) == pytest.approx(0.0553, abs=2e-4)

"""What needs no rates: exact enumeration, deliveries in any order, known values, speed, size, and the offline gate."""

from __future__ import annotations

import itertools
import json
import math
import random
import time
from collections.abc import Iterable, Iterator

import numpy as np

from benchmarks.checks import Check
from benchmarks.gate_coverage import coverage
from cli.simulation.boundaries import obrien_fleming
from cli.simulation.engine import run
from cli.simulation.judging import Judge
from cli.simulation.mixture import Switchyard
from cli.simulation.world import Ramp, World
from switchyard.core.evidence import Block, Evidence
from switchyard.core.gate_policy import GateMetric, GatePolicy
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.evaluation.rules.gate import Evaluation, GateOutcome, judge_gate
from switchyard.rollout.rules.block_sums import BlockSums
from switchyard.rollout.rules.verdict import Verdict, decide, judge
from switchyard.stats import bounds, eprocess, ripr
from switchyard.stats.moments import Moments, PairedMoments
from switchyard.stats.paired import PairedSums

POLICY = RolloutPolicy(metrics={"errors": MetricPolicy(margin=0.005, baseline=0.01)})
# (champion, margin) and block sizes for which every outcome is enumerated.
DESIGNS = ((0.01, 0.005), (0.001, 0.001), (0.1, 0.01), (0.5, 0.1), (0.9, 0.05), (0.0, 0.01))
SIZES = ((1, 1), (3, 1), (1, 4), (5, 3))
RATES = (0.0, 0.001, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0)
BEYOND = (0.0, 0.001, 0.01, 0.1, 0.4, 1.0)


def laws() -> list[Check]:
    """All of them; some three minutes."""
    judged = [enumeration(), *deliveries(), agreement(), *known_values(), *speed(), *offline_gate()]
    return [*judged, *coverage()]


def enumeration() -> Check:
    """E[e] over all outcomes of small blocks, for every bet and a grid of rates under the null."""
    worst, pairs = 0.0, 0
    for (baseline, margin), (n0, n1) in itertools.product(DESIGNS, SIZES):
        both = (eprocess.promotion(baseline, margin, margin), eprocess.rollback(baseline, margin, 0.0))
        for mixture in both:
            for bet, rate, more in itertools.product(eprocess.coefficients(mixture, n0, n1), RATES, BEYOND):
                other = rate + mixture.d + (more if mixture.better else -more)
                if 0 <= other <= 1:
                    worst = max(worst, expectation(bet, (n0, n1), (rate, other)))
                    pairs += 1
    return Check(f"exact enumeration, {pairs:,} (bet, null) pairs: E[e]", worst, at_most=1 + 1e-9)


def expectation(bet: tuple[float, float, float], sizes: tuple[int, int], rates: tuple[float, float]) -> float:
    """E[exp(c + a S0 + b S1)] of two binomials, term by term."""
    c, a, b = bet
    (n0, n1), (p0, p1) = sizes, rates
    return math.fsum(
        _binomial(n0, s0, p0) * _binomial(n1, s1, p1) * math.exp(c + a * s0 + b * s1)
        for s0 in range(n0 + 1)
        for s1 in range(n1 + 1)
    )


def _binomial(n: int, s: int, p: float) -> float:
    return math.comb(n, s) * p**s * (1 - p) ** (n - s)


def deliveries(rollouts: int = 100, seed: int = 5) -> Iterator[Check]:
    """Each block 1 to 3 times, in any order between two looks of ten blocks; and one that comes after its look."""
    dice = random.Random(seed)
    worst, different, late = 0.0, 0, 0
    for _ in range(rollouts):
        blocks = _stream(dice, looks=30, blocks_a_look=10, difference=dice.choice((0.0, 0.005, 0.02)))
        straight, shuffled = BlockSums(POLICY), BlockSums(POLICY)
        for at, look in enumerate(blocks):
            _post(straight, look)
            _post(shuffled, _redelivered(dice, look))
            one, two = (decide(ledger.totals(), 0.0, POLICY) for ledger in (straight, shuffled))
            worst = max(worst, *(abs(a - b) for a, b in zip(_log_e(one), _log_e(two), strict=True)))
            different += one.outcome is not two.outcome
            held_back = BlockSums(POLICY)
            _post(held_back, itertools.chain(*blocks[:at], look[1:]))
            _post(held_back, look[:1])
            late += decide(held_back.totals(), 0.0, POLICY).outcome is not one.outcome
    yield Check("redelivered in any order: largest difference of log-wealth", worst, at_most=1e-9)
    yield Check("redelivered in any order: looks with another verdict", different, at_most=0)
    yield Check("late by one look: verdicts that differ once it is in", late, at_most=0)


def _stream(dice: random.Random, looks: int, blocks_a_look: int, difference: float) -> list[list[Block]]:
    numbers = iter(range(looks * blocks_a_look))
    return [[_block(dice, next(numbers), difference) for _ in range(blocks_a_look)] for _ in range(looks)]


def _block(dice: random.Random, number: int, difference: float, requests: int = 100) -> Block:
    n1 = sum(dice.random() < 0.1 for _ in range(requests))
    s0 = sum(dice.random() < 0.01 for _ in range(requests - n1))
    s1 = sum(dice.random() < 0.01 + difference for _ in range(n1))
    return Block("errors", str(number), 0, requests - n1, s0, n1, s1)


def _redelivered(dice: random.Random, look: list[Block]) -> list[Block]:
    again = [block for block in look for _ in range(dice.randint(1, 3))]
    dice.shuffle(again)
    return again


def _post(ledger: BlockSums, blocks: Iterable[Block]) -> None:
    for block in blocks:
        ledger.post(block)


def _log_e(verdict: Verdict) -> tuple[float, ...]:
    return tuple(value for m in verdict.metrics for value in (m.log_e_promote, m.log_e_rollback))


def agreement(runs: int = 40) -> Check:
    """The vectorised rule of this benchmark against judge's own functions: same streams, verdict for verdict."""
    metric = next(iter(POLICY.metrics.values()))
    worlds = (
        World(0.01, 0.005, ramp=Ramp.EVIDENCE),
        World(0.01, 0.0, ramp=Ramp.TIME),
        World(0.01, 0.0, look=500, burst=0.01),
        World(0.01, 0.005, look=500, burst=0.01, history=1_000),
    )
    different = 0
    for seed, world in enumerate(worlds):
        ours, judged = (
            run(world, [rule], runs=runs, seed=seed, horizon=40_000)[rule.name]
            for rule in (Switchyard(metric), Judge(POLICY))
        )
        different += int(np.sum((ours.outcome != judged.outcome) | (ours.requests != judged.requests)))
    return Check("vectorised rule against judge: rollouts with another verdict or look", different, at_most=0)


def known_values() -> Iterator[Check]:
    """Published figures, each with its source in the name."""
    for p, q, published in ((0.1, 0.3, (22.8, 17.2)), (0.01, 0.02, (849.5, 677.1))):
        found = bounds.sprt_requests(p, q, 0.05, 0.05)
        gap = max(abs(a - b) for a, b in zip(found, published, strict=True))
        yield Check(f"Wald 1945, average sample number of {p} against {q}: gap", gap, at_most=0.05)
    lan_demets = (4.8769, 3.3569, 2.6803, 2.2898, 2.0310)
    gap = max(abs(a - b) for a, b in zip(obrien_fleming(5, 0.05, sides=2), lan_demets, strict=True))
    yield Check("Lan & DeMets 1983, five O'Brien-Fleming boundaries at 0.05: gap", gap, at_most=5e-4)
    found_e = safestats_example()
    yield Check(
        "safestats manual, safeTwoProportionsTest example: gap",
        abs(found_e - 1.0955046197583511),
        at_most=1e-12,
    )


def safestats_example() -> float:
    """The manual's seven pairs by the published recursion (Beta(0.18, 0.18) plug-in), with our projection at
    d = 0.

    safestats (CRAN), help page of safeTwoProportionsTest: ya, yb below, na = nb = 1. The value it is held to is the
    same recursion in rational arithmetic.
    """
    champion, challenger = (1, 0, 1, 0, 0, 0, 1), (1, 0, 1, 1, 1, 0, 1)
    log_e, ones = 0.0, [0, 0]
    for seen, outcome in enumerate(zip(champion, challenger, strict=True)):
        p0, p1 = ((0.18 + one) / (0.36 + seen) for one in ones)
        better = p1 <= p0
        projection = ripr.project(p0, p1, 0.0, 1, 1, better=better, cap=1.0)
        c, a, b = ripr.coefficients(projection, 1, 1)
        log_e += c + a * outcome[0] + b * outcome[1]
        ones = [one + y for one, y in zip(ones, outcome, strict=True)]
    return math.exp(log_e)


def speed() -> Iterator[Check]:
    """One look at three thousand production-size blocks, and the state that a metric needs."""
    dice = random.Random(1)
    blocks = tuple(
        Block("errors", str(at), 0, 9_000 + dice.randrange(900), 90, 1_000 + dice.randrange(100), 10)
        for at in range(3_000)
    )
    began = time.process_time()
    judge(Evidence(blocks, 0, 0.0), POLICY)
    yield Check("judge, 3,000 blocks: seconds of CPU", time.process_time() - began, at_most=1.0)
    ledger = BlockSums(POLICY)
    _post(ledger, list(blocks))
    size = len(json.dumps(ledger.totals()["errors"].to_dict()))
    yield Check("state of one metric: bytes", size, at_most=1_023)


def offline_gate(runs: int = 10_000, rows: int = 5_000, seed: int = 9) -> Iterator[Check]:
    """Accuracy, margin 1 pp, 6 % of predictions differ: errors at the margin, power when the models are equal."""
    policy = GatePolicy(metrics={"accuracy": GateMetric(0.01, floor=0.0)})
    dice = np.random.default_rng(seed)
    shares = {}
    for difference in (0.0, 0.01):
        chances = [(0.06 + difference) / 2, (0.06 - difference) / 2, 0.94]
        draws = dice.multinomial(rows, chances, size=runs)
        passed = [
            judge_gate(Evaluation(_accuracy(int(d[0]), int(d[1]), rows)), policy).outcome for d in draws
        ]
        shares[difference] = sum(outcome is GateOutcome.PASS for outcome in passed) / runs
    yield Check("offline gate at the margin: passed", shares[0.01], at_most=0.055)
    yield Check("offline gate, equal models, 5,000 rows: passed", shares[0.0], at_least=0.85)


def _accuracy(worse: int, better: int, rows: int) -> PairedSums:
    mean = (worse - better) / rows
    difference = Moments(rows, mean, worse + better - rows * mean * mean)
    wrong = 0.1 * rows
    arm = Moments(rows, 0.1, wrong * 0.9)
    metrics = {"accuracy": PairedMoments(arm, arm, difference)}
    return PairedSums(
        "binary", rows, 0, metrics, Moments(rows, 0.5, rows / 4), {"0": rows // 2, "1": rows // 2}
    )

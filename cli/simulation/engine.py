"""Runs many rollouts at once, block by block, and lets any number of rules judge the same streams."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cli.simulation.world import Ramp, World

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]

CONTINUE, PROMOTE, ROLLBACK = np.int8(0), np.int8(1), np.int8(-1)


@dataclass(frozen=True)
class Counts:
    """One block of every run that is still open. requests: of both arms, this block included."""

    stage: Ints
    n0: Ints
    s0: Ints
    n1: Ints
    s1: Ints
    requests: int


class Rule:
    """Judges many runs side by side. State: arrays with one row a run, so that closed runs can be dropped."""

    name = ""

    state: dict[str, npt.NDArray[Any]]

    def begin(self, runs: int, world: World) -> None:
        """Fresh state for so many runs."""
        raise NotImplementedError

    def history(self, n: Ints, s: Ints) -> None:
        """Blocks of the champion alone, one row a run, before the first request of the challenger."""

    def observe(self, counts: Counts) -> Codes:
        """PROMOTE, ROLLBACK or CONTINUE for every open run, after one more block."""
        raise NotImplementedError

    def stage_allowed(self) -> Ints:
        """The step that the evidence allows, for the evidence ramp."""
        raise NotImplementedError(f"{self.name} does not drive a ramp by evidence")

    def keep(self, open_runs: Mask) -> None:
        self.state = {name: rows[open_runs] for name, rows in self.state.items()}


@dataclass(frozen=True)
class Result:
    """Per run: outcome code, requests and challenger requests until it, and the highest step seen."""

    outcome: Codes
    requests: Ints
    challenger: Ints
    stage: Ints
    steps: Ints  # (runs, steps): requests of both arms in each step

    def share(self, code: np.int8) -> float:
        return float(np.mean(self.outcome == code))


Progress = Callable[[float], None]


def run(
    world: World,
    rules: Sequence[Rule],
    *,
    runs: int,
    seed: int,
    horizon: int,
    progress: Progress = lambda _share: None,
) -> dict[str, Result]:
    """Judge `runs` rollouts of at most `horizon` requests; the same seed gives the same streams."""
    if world.ramp is Ramp.EVIDENCE and len(rules) > 1:
        return {r.name: run(world, [r], runs=runs, seed=seed, horizon=horizon)[r.name] for r in rules}
    stream = _Stream(world, runs, seed)
    books = [_Book(rule, runs, len(world.steps)) for rule in rules]
    for book in books:
        book.rule.begin(runs, world)
        if world.history:
            book.rule.history(*stream.history())
    waiting: deque[Counts] = deque()
    while stream.requests < horizon and any(book.open.any() for book in books):
        waiting.append(stream.block(books[0].rule))
        if len(waiting) * world.look > world.label_delay:
            _judge(books, waiting.popleft(), stream)
            progress(min(stream.requests / horizon, 1.0))
            _drop_closed(books, stream)
    for book in books:
        book.close(stream)
    return {book.rule.name: book.result for book in books}


def _judge(books: Sequence[_Book], counts: Counts, stream: _Stream) -> None:
    for book in books:
        book.enter(book.rule.observe(counts), stream)


def _drop_closed(books: Sequence[_Book], stream: _Stream) -> None:
    """Stop paying for runs that every rule has decided (not while delayed blocks still refer to them)."""
    wanted = np.logical_or.reduce([book.open for book in books])
    if stream.world.label_delay or wanted.mean() > 0.8:
        return
    stream.keep(wanted)
    for book in books:
        book.rule.keep(wanted)
        book.open = book.open[wanted]


class _Stream:
    """Draws blocks; keeps the totals that results are made of."""

    def __init__(self, world: World, runs: int, seed: int) -> None:
        self.world, self.random = world, np.random.default_rng(seed)
        self.requests = 0
        self.runs = np.arange(runs)
        self.challenger = np.zeros(runs, np.int64)
        self.steps = np.zeros((runs, len(world.steps)), np.int64)
        self.stage = np.zeros(runs, np.int64)
        self._weights = np.array(world.steps)

    def history(self) -> tuple[Ints, Ints]:
        n = np.full((len(self.runs), self.world.history), self.world.look, np.int64)
        return n, self._losses(n, self.world.rates(0)[0])

    def block(self, rule: Rule) -> Counts:
        world = self.world
        if world.ramp is Ramp.EVIDENCE and self.requests:
            allowed = np.minimum(rule.stage_allowed(), len(world.steps) - 1)
            self.stage = np.maximum(self.stage, np.minimum(allowed, self.stage + 1))
        elif world.ramp is not Ramp.EVIDENCE:
            self.stage = np.full(len(self.runs), world.stage(self.requests))
        p0, p1 = world.rates(self.requests)
        n1 = self.random.binomial(world.look, self._weights[self.stage]).astype(np.int64)
        n0 = world.look - n1
        self.requests += world.look
        self.challenger = self.challenger + n1
        if world.ramp is Ramp.EVIDENCE:
            self.steps[np.arange(len(n1)), self.stage] += world.look
        else:
            self.steps[:, world.stage(self.requests - world.look)] += world.look
        return Counts(self.stage, n0, self._losses(n0, p0), n1, self._losses(n1, p1), self.requests)

    def keep(self, wanted: Mask) -> None:
        for name in ("runs", "stage", "challenger", "steps"):
            setattr(self, name, getattr(self, name)[wanted])

    def _losses(self, n: Ints, rate: float) -> Ints:
        if not self.world.burst:
            return self.random.binomial(n, rate)
        failing = self.random.random(n.shape) < self.world.burst
        return self.random.binomial(n, np.where(failing, self.world.burst_rate, rate))


class _Book:
    """What one rule has decided, and when."""

    def __init__(self, rule: Rule, runs: int, steps: int) -> None:
        self.rule = rule
        self.open = np.ones(runs, np.bool_)
        zeros = [np.zeros(runs, np.int64) for _ in range(3)]
        self.result = Result(
            np.zeros(runs, np.int8), zeros[0], zeros[1], zeros[2], np.zeros((runs, steps), np.int64)
        )

    def enter(self, codes: Codes, stream: _Stream) -> None:
        decided = self.open & (codes != CONTINUE)
        if decided.any():
            self._settle(decided, codes, stream)

    def close(self, stream: _Stream) -> None:
        self._settle(self.open.copy(), np.zeros(len(self.open), np.int8), stream)

    def _settle(self, decided: Mask, codes: Codes, stream: _Stream) -> None:
        at = stream.runs[decided]
        self.result.outcome[at] = codes[decided]
        self.result.requests[at] = stream.requests
        self.result.challenger[at] = stream.challenger[decided]
        self.result.stage[at] = stream.stage[decided]
        self.result.steps[at] = stream.steps[decided]
        self.open &= ~decided

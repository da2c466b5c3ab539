"""Lines on rollouts: what is struck or undone by hand in one, what a bad challenger gets, what an equal one."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.checks import Check
from benchmarks.rollout_cells import ERRORS
from cli.simulation.engine import ROLLBACK, Result, run
from cli.simulation.judging import Judge
from cli.simulation.world import Ramp
from switchyard.core.policy import RolloutPolicy
from tests.crash_points.scenarios import SCENARIOS, Scenario, with_v1
from tests.crash_points.test_crash_points import moments, struck
from tests.fakes.faults import Faults
from tests.fakes.installed import installed
from tests.fakes.turns import CHANGE_SECONDS, ENDPOINT, WINDOW
from tests.fakes.world import World
from tests.proof.line import Size

KILLED = ("aborted", "before", "after")
DISTURBED = ("throttled", "repeated", "twice", "lost")
SEED = 20261129
FEWEST = 100
MODES = ("realtime", "serverless", "async")
WAITS = 4
BAD_RUNS, EQUAL_RUNS, HORIZON = 60, 200, 100_000


def aborted(size: Size) -> Iterator[Check]:
    """Every scenario, stopped after every step, and its Lambda killed before and after every effect."""
    yield from _at_every_moment(size, KILLED, "runs that were stopped or killed, at every moment of each")


def disturbed(size: Size) -> Iterator[Check]:
    """Every scenario; every effect throttled or sent twice, every invocation made twice, every event lost once."""
    yield from _at_every_moment(
        size, DISTURBED, "runs that were throttled or repeated, at every moment of each"
    )


def _at_every_moment(size: Size, modes: Sequence[str], title: str) -> Iterator[Check]:
    every = [(s, mode, at) for s in SCENARIOS for mode in modes for at in range(moments(s, mode))]
    chosen = random.Random(SEED).sample(every, min(size.aborted, len(every)))  # noqa: S311
    wrong = [said for scenario, mode, at in chosen for said in _struck(scenario, mode, at)]
    yield Check(title, len(chosen), at_least=FEWEST)
    yield Check("of them: the champion is not alone at 100 % in the end", len(wrong), at_most=0)


def _struck(scenario: Scenario, mode: str, at: int) -> list[str]:
    return struck(scenario, frozenset({(mode, at)}))


def deleted(world: World) -> None:
    del world.control.endpoints[ENDPOINT]


def failed(world: World) -> None:
    world.control.fail(ENDPOINT)


def changed(world: World) -> None:
    world.control.put_endpoint(ENDPOINT, "foreign", {"foreign": 100.0})


HANDS: tuple[Callable[[World], None], ...] = (deleted, failed, changed)


@dataclass
class Hand:
    """Undoes the live endpoint once, while a rollout of two models waits for a look; sees when it is whole again."""

    world: World
    does: Callable[[World], None]
    wait: int
    champion: str
    done_at: float = math.inf
    whole_at: float = math.inf

    def __call__(self) -> bool:
        if math.isinf(self.done_at):
            self._undo()
        elif math.isinf(self.whole_at) and self._is_whole():
            self.whole_at = self.world.clock()
        return False

    def _undo(self) -> None:
        self.wait -= bool(self.world.looks)
        if self.world.looks and self.wait < 0 and not self.world._is_changing():
            self.does(self.world)
            self.done_at = self.world.clock()

    def _is_whole(self) -> bool:
        found = self.world.control.endpoints.get(ENDPOINT, {})
        status, live = found.get("EndpointStatus"), self.champion
        return status == "InService" and self.world.control.live(ENDPOINT) == {live: 100.0}


def undone(_: Size) -> Iterator[Check]:
    """An endpoint that is deleted, fails or is changed by hand before one of a rollout's looks."""
    hands = [_played(mode, does, wait) for mode in MODES for does in HANDS for wait in range(WAITS)]
    changes = [(hand.whole_at - hand.done_at - WINDOW) / CHANGE_SECONDS for hand in hands]
    done = [hand for hand in hands if not math.isinf(hand.done_at)]
    yield Check(
        "endpoints that were deleted, failed or changed by hand in a rollout",
        len(done),
        at_least=len(MODES) * len(HANDS),
    )
    yield Check("changes of SageMaker's until it is whole again, after one window", max(changes), at_most=2)


def _played(mode: str, does: Callable[[World], None], wait: int) -> Hand:
    world = with_v1(mode).copy(Faults())
    champion = world.ledger.champion("digits")
    assert champion is not None
    hand = Hand(world, does, wait, champion.variant)
    world.people = [hand]
    with installed(world):
        world.upload(2)
        world.play()
    return hand


def bad(_: Size) -> Iterator[Check]:
    """Challengers with five times the champion's errors, judged by the functions that the Lambdas call."""
    found = _judged(8.0, BAD_RUNS)
    at_canary = np.sum((found.outcome == ROLLBACK) & (found.stage == 0))
    yield Check(
        f"bad challengers rolled back at canary weight, of {BAD_RUNS}", float(at_canary), at_least=BAD_RUNS
    )


def equal(_: Size) -> Iterator[Check]:
    """Challengers that are the champion once more."""
    yield Check(
        f"equal challengers rolled back, share of {EQUAL_RUNS:,}",
        _judged(0.0, EQUAL_RUNS).share(ROLLBACK),
        at_most=0.05,
    )


def _judged(margins: float, runs: int) -> Result:
    policy = RolloutPolicy(metrics={"errors": ERRORS.policy})
    return run(ERRORS.world(margins, Ramp.EVIDENCE), [Judge(policy)], runs=runs, seed=SEED, horizon=HORIZON)[
        "switchyard"
    ]

"""Several workers on one world: before every call of a port a worker stops, and chance says who goes on."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests import patience

if TYPE_CHECKING:
    from tests.fakes.world import World

PATIENCE_SECONDS = patience.SECONDS


@dataclass
class Turns:
    """One worker at a time; who has the turn may go on until its next call."""

    chosen: random.Random
    turn: threading.Condition = field(default_factory=threading.Condition)
    ready: list[int] = field(default_factory=list)
    holder: int = -1

    def wait(self) -> None:
        """Gives the turn away, and waits until it is this worker's again."""
        me = threading.get_ident()
        with self.turn:
            if self.holder in (me, -1):
                self.holder = self.chosen.choice(self.ready)
                self.turn.notify_all()
            if not self.turn.wait_for(lambda: self.holder == me, PATIENCE_SECONDS):
                raise AssertionError(f"worker {me} never got its turn")

    def leave(self) -> None:
        with self.turn:
            self.ready.remove(threading.get_ident())
            self.holder = self.chosen.choice(self.ready) if self.ready else -1
            self.turn.notify_all()


def interleaved(world: "World", chosen: random.Random, *work: Callable[[], None]) -> None:
    """Runs all of `work` to its end, one call of a port at a time, in an order that `chosen` draws."""
    turns, raised, begun = Turns(chosen), [], threading.Barrier(len(work))

    def run(each: Callable[[], None]) -> None:
        with turns.turn:
            turns.ready.append(threading.get_ident())
        begun.wait(PATIENCE_SECONDS)
        turns.wait()
        try:
            each()
        except BaseException as error:
            raised.append(error)
        finally:
            turns.leave()

    threads = [threading.Thread(target=run, args=(each,)) for each in work]
    world.faults.before_call = turns.wait
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        world.faults.before_call = None
    if raised:
        raise raised[0]

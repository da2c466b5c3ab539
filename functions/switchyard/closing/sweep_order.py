"""Whose turn it is in a sweep. One function's time may not do for all models: the next sweep goes on from there."""

from collections.abc import Iterator
from dataclasses import dataclass

from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Clock


@dataclass(frozen=True)
class Turns:
    """Each model once, `at_once` of them side by side, beginning where the last sweep broke off.

    Those that are cut off in their turn come first the next time, with all of the time, and once more only after all
    others.
    """

    ledger: Ledger
    clock: Clock
    at_once: int = 1

    def of(self, models: list[str], until: float) -> Iterator[list[str]]:
        """Ends at `until`, in seconds since the epoch, even when some models have not had their turn."""
        first = self.ledger.next_turn()
        order = _from(first, sorted(models))
        turns = [order[at : at + self.at_once] for at in range(0, len(order), self.at_once)]
        for turn, following in zip(turns, [*turns[1:], *turns[:1]], strict=True):
            if self.clock() > until:
                self.ledger.note_next_turn(turn[0])
                return
            if turn != following:  # else it is the only one, and there is nothing to remember
                self.ledger.note_next_turn((following if turn[0] == first else turn)[0])
            yield turn
        self.ledger.forget_next_turn()


def _from(first: str, models: list[str]) -> list[str]:
    return [model for model in models if model >= first] + [model for model in models if model < first]

"""Whose turn it is in a sweep. One function's time may not do for all models: the next sweep goes on from there."""

from collections.abc import Iterator
from dataclasses import dataclass

from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Clock


@dataclass(frozen=True)
class Turns:
    """Each model once, beginning where the last sweep broke off.

    Whoever is cut off in its turn comes first the next time, with all of the time, and once more only after all others.
    """

    ledger: Ledger
    clock: Clock

    def of(self, models: list[str], until: float) -> Iterator[str]:
        """Ends at `until`, in seconds since the epoch, even when some models have not had their turn."""
        first = self.ledger.next_turn()
        order = _from(first, sorted(models))
        for model, following in zip(order, [*order[1:], *order[:1]], strict=True):
            if self.clock() > until:
                self.ledger.note_next_turn(model)
                return
            if model != following:  # else there is one model, and nothing to remember
                self.ledger.note_next_turn(following if model == first else model)
            yield model
        self.ledger.forget_next_turn()


def _from(first: str, models: list[str]) -> list[str]:
    return [model for model in models if model >= first] + [model for model in models if model < first]

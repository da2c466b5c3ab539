"""A small made-up data set for the rows that are about when to train, not about what: apples that will keep, or not.

Two measurements, a weight and a colour; an apple keeps when their sum is above a line. A seed gives the same rows.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

HEADER = "keeps,weight,colour"


@dataclass(frozen=True)
class Apple:
    """keeps: 0 or 1."""

    keeps: int
    weight: float
    colour: float

    @property
    def row(self) -> str:
        """As a text/csv request asks it: no label."""
        return f"{self.weight:.4f},{self.colour:.4f}"


def pick(count: int, seed: int, *, line: float = 0.0, shift: float = 0.0, noise: float = 0.1) -> list[Apple]:
    """`line`: above which sum they keep; `shift`: how much heavier this harvest is."""
    chance = random.Random(seed)  # noqa: S311 a repeatable harvest, not a secret
    apples = []
    for _ in range(count):
        weight, colour = chance.gauss(shift, 1.0), chance.gauss(0.0, 1.0)
        apples.append(Apple(int(weight + colour + chance.gauss(0.0, noise) > line), weight, colour))
    return apples


def to_csv(apples: Sequence[Apple]) -> bytes:
    """A dataset: header, one apple a line."""
    return "\n".join([HEADER, *(f"{apple.keeps},{apple.row}" for apple in apples), ""]).encode()


def to_requests(apples: Sequence[Apple]) -> bytes:
    """One request a line."""
    return "\n".join([apple.row for apple in apples] + [""]).encode()

"""What a hostile input is to the harness: a name, and a play that tells of every promise that it broke."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tests.hostile.stage import Stage


class Trial(Protocol):
    """One input, made ready."""

    def play(self, stage: Stage) -> Iterator[str]:
        """Each promise that it broke, in words."""
        ...


Recipe = Callable[[random.Random], Trial]


@dataclass
class Book:
    """Recipes by name: each makes another input of its kind for every seed."""

    recipes: dict[str, Recipe] = field(default_factory=dict)

    def add(self, name: str, recipe: Recipe) -> None:
        if name in self.recipes:
            raise ValueError(f"there are two recipes called {name}")
        self.recipes[name] = recipe

    def draw(self, count: int, seed: int, word: str = "") -> list[tuple[str, random.Random]]:
        """`count` names, each with what it is drawn by: every recipe comes before any comes again."""
        names = sorted(name for name in self.recipes if any(each in name for each in word.split("|")))
        order = random.Random(seed)  # noqa: S311 - repeatable, not secret
        chosen: list[str] = []
        while len(chosen) < count and names:
            order.shuffle(names)
            chosen += names[: count - len(chosen)]
        return [(name, random.Random(f"{seed} {at} {name}")) for at, name in enumerate(chosen)]  # noqa: S311

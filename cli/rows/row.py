"""What a row is: an example folder, what is done with it, and the terminal state it must end in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cli.rows.player import Player

Part = Literal["train", "evaluate offline", "evaluate online", "deploy", "data", "trigger", "operate"]


@dataclass(frozen=True)
class Ending:
    """How a row ended: a run's terminal state, and its reason or what was seen."""

    state: str
    reason: str


@dataclass(frozen=True)
class Row:
    """`name` is the folder under examples/; `play` does what a user would, on a running stack that other rows share."""

    name: str
    part: Part
    title: str
    play: Callable[[Player], Ending]
    expected: str = "PROMOTED"

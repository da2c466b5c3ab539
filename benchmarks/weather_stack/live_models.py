"""The models that live through the weather, one a way to serve: what is declared, who asks, what is dropped."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import yaml

from cli.demo.clients import JSON
from cli.demo.data import (
    BAD_RELEASE_IMAGE,
    IMAGE,
    DemoData,
    Digit,
    load_digits,
    make_demo_data,
    to_csv,
    to_row,
)
from cli.rows.player import Player

REQUESTS_PER_SECOND = 8.0  # of each model: the plane that answers them also serves what the runs ask of it
# A step's change takes up to 40 s of this clock, and that is no silence.
ROLLOUT = {
    "metrics": {"errors": {"margin": 0.1, "baseline": 0.002}},
    "silence_seconds": 40,
    "deadline_seconds": 900,
}
Parts = Mapping[str, Mapping[str, object]]
STEPS = {"steps": [25]}


@dataclass(frozen=True)
class Kind:
    """What is dropped, and how it ends in fair weather."""

    name: str
    expected: str
    image: str = IMAGE
    shift: int = 0
    rows: int = 800


FIRST = Kind("the first model", "PROMOTED", rows=200)
GOOD = Kind("good rows", "PROMOTED")
WRONG_LABELS = Kind("wrong labels", "REJECTED", shift=1)
BUGGY_RELEASE = Kind("a release with a bug", "ROLLED_BACK", BAD_RELEASE_IMAGE)


@dataclass(frozen=True)
class Serving:
    """One way to serve: the example that declares it, what differs from it, and how it is asked."""

    name: str
    example: str
    asked: Callable[[Player, Sequence[str]], AbstractContextManager[object]]
    parts: Parts

    def pipeline(self, player: Player, kind: Kind) -> bytes:
        """The example's pipeline.yaml as this drop finds it."""
        document: dict[str, Any] = yaml.safe_load(player.pipeline)
        document["training"]["image"] = kind.image
        document["training"]["hyperparameters"]["num_round"] = 30
        for part, fields in self.parts.items():
            document[part] = document.get(part, {}) | fields
        return yaml.safe_dump(document, sort_keys=False).encode()


def _live(player: Player, rows: Sequence[str]) -> AbstractContextManager[object]:
    return player.traffic(rows, REQUESTS_PER_SECOND)


def _live_in_json(player: Player, rows: Sequence[str]) -> AbstractContextManager[object]:
    """The release with a bug fails JSON: here every request."""
    return player.traffic(rows, REQUESTS_PER_SECOND, json_share=1.0)


@contextmanager
def _queued(player: Player, rows: Sequence[str]) -> Iterator[None]:
    player.drop("async/live.csv", rows[0].encode())
    with player.queued_requests(REQUESTS_PER_SECOND, accept=JSON):
        yield


CANARY: Parts = {"rollout": ROLLOUT | STEPS}
SCALED: Parts = {"deployment": {"scaling": {"min": 1, "max": 2, "target": 600}}}
SERVED = (
    Serving("canary", "digits", _live, CANARY),
    Serving("canary-json", "digits", _live_in_json, CANARY),
    Serving("scaled", "digits", _live, {**CANARY, **SCALED}),
    Serving("serverless", "serverless", _live_in_json, {"rollout": ROLLOUT}),
    Serving("async", "async", _queued, {"rollout": ROLLOUT}),
)


@dataclass(frozen=True)
class Rows:
    """What is cut from the digits: rows for clients, a holdout, and rows to be drawn from."""

    data: DemoData
    training: Sequence[Digit]

    @classmethod
    def cut(cls) -> Rows:
        digits = load_digits()
        data = make_demo_data(digits)
        held = {line.partition(",")[2] for line in data.holdout.decode().splitlines()[1:]}
        kept = held | {to_row(digit) for digit in data.live}
        return cls(data, [digit for digit in digits if to_row(digit) not in kept])

    @property
    def live(self) -> list[str]:
        return [to_row(digit) for digit in self.data.live]

    def drawn(self, kind: Kind, chance: random.Random) -> bytes:
        """A dataset of this kind; the chance decides which rows."""
        digits = chance.sample(self.training, kind.rows)
        return to_csv([replace(digit, label=(digit.label + kind.shift) % 10) for digit in digits])

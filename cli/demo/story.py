"""The four acts of the demo: which dataset is dropped, with which image, and what has to become of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from cli.demo.data import BAD_RELEASE_IMAGE, IMAGE

MODEL = "digits"
MAX_TRANSITIONS = 40
MEASURED_ACT = "v2"  # the happy run whose state transitions are counted


@dataclass(frozen=True)
class Act:
    """`expected`: the terminal state that this act must end in."""

    version: str
    title: str
    expected: str
    image: str = IMAGE

    @property
    def key(self) -> str:
        return f"{MODEL}/train/{self.version}.csv"


ACTS = (
    Act("v1", "a first dataset: 150 rows", "PROMOTED"),
    Act("v2", "more data: a better model", "PROMOTED"),
    Act("v3", "labels shifted by one: a bad dataset", "REJECTED"),
    Act("v4", "good data, but an image release with a bug", "ROLLED_BACK", BAD_RELEASE_IMAGE),
)


@dataclass(frozen=True)
class Scene:
    """What an act came to. Requests and errors are what live clients saw during the act; seconds are wall time."""

    act: Act
    run_id: str
    state: str
    reason: str
    weights: tuple[float, ...]
    challenger_requests: int
    requests: int
    client_errors: int
    errors_by_rollout: int
    transitions: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """For programs: the dataset, what was expected of it, and all that was seen."""
        seen = {name: value for name, value in asdict(self).items() if name != "act"}
        return {"dataset": f"{self.act.version}.csv", "expected": self.act.expected, **seen}

    @property
    def failures(self) -> list[str]:
        """Why this scene is not what it had to be."""
        found = []
        if self.state != self.act.expected:
            found.append(
                f"{self.act.version} ended {self.state or 'not at all'}, expected {self.act.expected}"
            )
        if self.act.version == MEASURED_ACT and self.transitions > MAX_TRANSITIONS:
            found.append(
                f"{self.act.version} took {self.transitions} state transitions, at most {MAX_TRANSITIONS}"
            )
        if self.errors_by_rollout:
            found.append(
                f"{self.errors_by_rollout} requests failed by a rollout step during {self.act.version}"
            )
        return found

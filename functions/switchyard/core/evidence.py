"""What live traffic has shown: realised counts of both variants, in blocks, each counted once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from switchyard.core.errors import InvalidInputError


class EvidenceError(InvalidInputError, ValueError):
    """A block that cannot be what was observed; `field` names the offending value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class Block:
    """Counts of one closed period (a CloudWatch period, a batch of labels) for one metric.

    n0, n1: requests of the champion and the challenger. s0, s1: sums of their losses, each loss in [0, 1].
    stage: index of the rollout step that was active. log_e: only for losses that are not 0/1: the log
    e-values per bet, made from the per-request values by `ledger.block_of_losses` (empty: the counts say
    all). both: of rows that both models answered (n0 = n1 of them), how many both lost; paired metrics need it.
    """

    metric: str
    block: str
    stage: int
    n0: int
    s0: float
    n1: int
    s1: float
    log_e: tuple[float, ...] = ()
    both: float | None = None

    def __post_init__(self) -> None:
        for name in ("n0", "n1", "s0", "s1"):
            value = getattr(self, name)
            if not math.isfinite(value) or value < 0:
                raise EvidenceError(name, f"must be finite and not negative, got {value!r}")
        for sum_name, count_name in (("s0", "n0"), ("s1", "n1")):
            s, n = getattr(self, sum_name), getattr(self, count_name)
            if s > n:
                raise EvidenceError(
                    sum_name, f"sum of losses {s!r} exceeds the {n!r} requests of {count_name}"
                )
        if self.stage < 0:
            raise EvidenceError("stage", f"must be 0 or more, got {self.stage!r}")
        if self.both is not None:
            self._check_pairs(self.both)

    def _check_pairs(self, both: float) -> None:
        if self.n0 != self.n1:
            raise EvidenceError(
                "n1", f"paired rows are answered by both models, got {self.n0!r} and {self.n1!r}"
            )
        if not max(0.0, self.s0 + self.s1 - self.n0) <= both <= min(self.s0, self.s1):
            raise EvidenceError(
                "both", f"{both!r} rows cannot be lost by both, of {self.s0!r} and {self.s1!r}"
            )


@dataclass(frozen=True)
class Unknown:
    """A closed period of one metric that cannot be a block: requests of champion and challenger, of which nobody says
    how they ended. Both 0: not even how many there were.
    """

    metric: str
    block: str
    n0: int = 0
    n1: int = 0


@dataclass(frozen=True)
class Reading:
    """What one look at the metrics found, in seconds since the epoch. settled_until: start of the first period whose
    numbers may still come; it is to be read again. unknown: periods before it whose numbers never came.
    """

    blocks: tuple[Block, ...]
    unknown: tuple[Unknown, ...]
    settled_until: float


@dataclass(frozen=True)
class Evidence:
    """All blocks of a rollout up to a look, in any order, duplicates allowed.

    unavailable: why evidence could not be read; anything but "" makes the decision fail closed. silence: why waiting
    for more is no use, said when nothing else decides. unknown: requests (champion, challenger) by metric of which
    nobody says how they ended.
    """

    blocks: tuple[Block, ...]
    stage: int
    elapsed_seconds: float
    unavailable: str = ""
    silence: str = ""
    unknown: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def heavier(block: Block, known: Block) -> bool:
    """Does this version of a block replace the known one? The version with more requests stands.

    CloudWatch adds late data points to past periods; a total order makes the outcome the same whatever came
    first.
    """
    return _weight(block) > _weight(known)


def _weight(block: Block) -> tuple[float, float, float, float, float]:
    return block.n0 + block.n1, block.n1, block.s0, block.s1, -block.stage

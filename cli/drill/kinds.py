"""The drills: how a challenger misbehaves, and how its run must end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cli.stack.errors import RefusedError

SLOWER = 3  # times the limit of the metric `latency`


class Kind(StrEnum):
    """What is wrong with the challenger."""

    BROKEN = "broken"
    SLOW = "slow"
    WRONG = "wrong"
    SILENT = "silent"
    KILLED = "killed"


@dataclass(frozen=True)
class Drill:
    """story: what happens, in a sentence. ends: how the run may end; in each the champion serves alone."""

    story: str
    ends: tuple[str, ...]
    has_traffic: bool = True
    is_trained_wrong: bool = False


DRILLS = {
    Kind.BROKEN: Drill("its container answers every live request with 500", ("ROLLED_BACK",)),
    Kind.SLOW: Drill("its container answers every live request too late", ("ROLLED_BACK",)),
    Kind.WRONG: Drill(
        "it was trained on labels that were shuffled", ("REJECTED",), False, is_trained_wrong=True
    ),
    Kind.SILENT: Drill("nobody asks the endpoint while it serves", ("INCONCLUSIVE",), has_traffic=False),
    Kind.KILLED: Drill("its server is killed whenever it is asked", ("ROLLED_BACK", "INCONCLUSIVE")),
}


def rules(
    kind: Kind, endpoint: str, variant: str, metrics: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The faults of the local SageMaker that make it so; metrics: `rollout.metrics` of the model."""
    named = {"variant": variant, "name": endpoint}
    match kind:
        case Kind.BROKEN:
            return [{"fault": "fail", **named, "reason": "a drill: this challenger is broken"}]
        case Kind.SLOW:
            return [{"fault": "slow", **named, "seconds": SLOWER * limit_seconds(metrics)}]
        case Kind.KILLED:
            return [{"fault": "kill", **named}]
    return []


def limit_seconds(metrics: Mapping[str, Mapping[str, Any]]) -> float:
    """From which on an answer is too late; RefusedError where nobody would notice."""
    found = metrics.get("latency", {}).get("limit_milliseconds")
    if found is None:
        raise RefusedError(
            "rollout.metrics of this model has no latency: a slow challenger would be promoted.",
            "Add `latency: { margin: 0.1, limit_milliseconds: 200 }`, drop a dataset, then drill again.",
        )
    return float(found) / 1000

"""A case: what the functions answer, through which states the machine must then go, and to which end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.statemachine.interpreter import LAPS, SHORT, Fails, Reply

ROUTE: dict[str, str | bool] = {
    "preparation": "none",
    "tuning": False,
    "program": False,
    "scoring": "alpha",
    "training": "container",
    "approval": "automatic",
    "deployment": "realtime",
}
RAW = {**ROUTE, "preparation": "spark"}
LARGE_DROP = {**ROUTE, "preparation": "job"}
TUNED = {**ROUTE, "tuning": True}
PROGRAMMED = {**ROUTE, "program": True}
TRANSFORMED = {**ROUTE, "scoring": "transform"}

FREED = Fails("CapacityFreedError", "there may be room")
FAIL = Fails("JobFailedError", "endpoint x failed: no space")
ERROR = "JobFailedError"
CHANGED = "ChampionChangedError"
BATCH = {"model": "digits", "batch_id": "digits-0123456789ab", "challenger": ""}
COMPARED = {**BATCH, "challenger": "digits-challenger00"}


@dataclass(frozen=True)
class Case:
    """`path`: the states of the machine itself in order; `end`: the outcome's state, or the error's name."""

    name: str
    path: Sequence[str]
    end: str
    reason: str = ""
    script: Mapping[str, Sequence[Reply]] = field(default_factory=dict)
    laps: Mapping[str, float] = field(default_factory=lambda: LAPS)
    route: Mapping[str, Any] = field(default_factory=lambda: ROUTE)
    back: Mapping[str, str] | None = None
    children: Mapping[str, Sequence[str]] = field(default_factory=dict)
    batch: Mapping[str, str] = field(default_factory=lambda: BATCH)

    def __str__(self) -> str:
        return self.name


def lap(kind: str) -> dict[str, float]:
    """Laps of which one kind passes in no time."""
    return {**LAPS, kind: SHORT}


def document(machine: str, run: Mapping[str, Any], case: Case, alpha: Mapping[str, Any]) -> dict[str, Any]:
    """A machine's input."""
    if machine == "transform":
        return {"batch": case.batch, "laps": case.laps}
    own = {"retrain": {"route": case.route}, "rollout": {"alpha": alpha}}
    back = {"back": case.back} if case.back else {}
    return {"run": run, "laps": case.laps} | own.get(machine, {}) | back


def output(machine: str, run: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """What a machine that succeeds gives."""
    subject = {"batch": case.batch} if machine == "transform" else {"run": run}
    return {**subject, "outcome": {"state": case.end, "reason": case.reason}}

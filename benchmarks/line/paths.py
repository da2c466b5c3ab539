"""The paths of a run: which states each is made of, and the waits in it, beside the same waits by loops that poll."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.line.money import TRANSITION, polling

# Waits in seconds, as they are on AWS: a training job of ten minutes, endpoints whose instances and images have to
# come, three steps of a rollout that are judged every five minutes, half an hour each.
TRAINING, ENDPOINT, STEP = 600.0, 720.0, 1800.0
DROP, TRAINED, EVIDENCE, PROVEN = (
    "S3 put -> training process",
    "training end -> 10 % of traffic",
    "10 % -> evidence complete",
    "evidence complete -> 100 %",
)


@dataclass(frozen=True)
class Path:
    """states: how many are entered; waits: seconds, one for each state that waits."""

    name: str
    states: int
    waits: tuple[float, ...]

    def row(self) -> dict[str, Any]:
        loops = polling(self.waits)
        others = self.states - len(self.waits)
        return {
            "path": self.name,
            "waits": len(self.waits),
            "transitions": self.states,
            "usd": self.states * TRANSITION,
            "polling_transitions": others + loops.transitions,
            "polling_usd": others * TRANSITION + loops.usd,
            "polling_delay_s": loops.delay,
        }


def paths(states: Mapping[str, Sequence[str]]) -> Iterator[Path]:
    """states: of the retrain and the rollout machine, in the order in which a run that was promoted entered them."""
    retrain, rollout = states["retrain"], states["rollout"]
    trained = retrain.index("StartTraining") + 1
    serves = rollout.index("StartRollout") + 1
    proven = len(rollout) - rollout[::-1].index("JudgeWindow")
    judged = rollout[serves:proven]
    yield Path(DROP, trained, (TRAINING,))
    yield Path(TRAINED, len(retrain) - trained - 1 + serves, (ENDPOINT, ENDPOINT))
    steps, shifts = judged.count("JudgeWindow"), judged.count("ShiftTraffic")
    yield Path(EVIDENCE, len(judged), (STEP,) * steps + (ENDPOINT,) * shifts)
    after = rollout[proven:]
    waits = sum(name.startswith(("ShiftAll", "Promote")) and name != "Promoted" for name in after)
    yield Path(PROVEN, len(after) + 1, (ENDPOINT,) * waits)  # and RolledOut

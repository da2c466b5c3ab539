"""How the live endpoint of a world has shared its requests out over time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Weights = Mapping[str, float]


@dataclass
class Traffic:
    """changes: since when which weights are in force, by variant, in percent."""

    changes: list[tuple[float, Weights]] = field(default_factory=list)

    def note(self, now: Weights, clock: float) -> None:
        """What serves when the world begins has served for long."""
        if not self.changes or now != self.changes[-1][1]:
            self.changes.append((clock if self.changes else 0.0, dict(now)))

    def at(self, moment: float) -> Weights:
        return next((weights for since, weights in reversed(self.changes) if since <= moment), {})

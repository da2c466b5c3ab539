"""The end of a model's service, by its owner's wish."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RETIRED = "RETIRED"


@dataclass(frozen=True)
class Retirement:
    """champion: the run whose model stepped down. at: seconds since the epoch; what was judged before then may be
    trained on anew.
    """

    model: str
    champion: str
    at: float

    @property
    def reason(self) -> str:
        return f"retired by its pipeline.yaml; {self.champion} serves no more"

    def to_dict(self) -> dict[str, Any]:
        facts = {"model": self.model, "champion_before": self.champion, "settled_at": self.at}
        return {**facts, "state": RETIRED, "reason": self.reason}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Retirement":
        return cls(str(data["model"]), str(data["champion_before"]), float(data["settled_at"]))

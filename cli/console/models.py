"""The models of a stack as the ledger has them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.console.traffic import Split
from cli.records.endpoints import Endpoint
from cli.records.ledger import Line, lines
from switchyard.core.champion import Champion

Item = Mapping[str, Any]


@dataclass(frozen=True)
class ModelView:
    """since: since when it is the champion; former: run ids that there is a way back to, newest first.

    active: the run under way; waiting: the one that starts after it; lines: uploads and runs, newest first.
    """

    name: str
    champion: Champion | None
    since: str
    former: tuple[str, ...]
    active: Line | None
    waiting: Line | None
    lines: tuple[Line, ...]
    endpoint: Endpoint | None = None
    split: Split | None = None

    def line_of(self, run_id: str) -> Line | None:
        """The newest line of a run."""
        return next((line for line in self.lines if line.run_id == run_id), None)


def model_view(name: str, items: Sequence[Item]) -> ModelView:
    """Of the items of one model's partition of the ledger."""
    by_key = {str(item["sk"]): item for item in items}
    found = tuple(reversed(lines(items)))
    champion = by_key.get("CHAMPION")
    return ModelView(
        name,
        Champion.from_dict(json.loads(champion["champion"])) if champion else None,
        str(champion.get("at", "")) if champion else "",
        tuple(each["run_id"] for each in json.loads(champion["former"])) if champion else (),
        _line(found, by_key.get("ACTIVE")),
        _line(found, by_key.get("WAITING")),
        found,
    )


def _line(found: Sequence[Line], item: Item | None) -> Line | None:
    run_id = str(item["run_id"]) if item else ""
    return next((line for line in found if run_id and line.run_id == run_id), None)

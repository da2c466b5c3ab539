"""The models of a stack as the ledger has them. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cli.console.traffic import Split
from cli.records.endpoints import Endpoint
from cli.records.ledger import Line, lines
from cli.requests.verbs import Verb
from switchyard.core.champion import Champion

Item = Mapping[str, Any]
TROUBLE = frozenset({
    "FAILED", "INVALID", "ROLLED_BACK", "REJECTED", "INCONCLUSIVE", "ABORTED", "INCOMPLETE", "PARTLY_SCORED",
    "RESTORING",
})  # fmt: skip
ALL, IN_TROUBLE, UNDER_WAY = "all", "in trouble", "under way"
SHOWS = (ALL, IN_TROUBLE, UNDER_WAY)
ON_A_PAGE = 100


@dataclass(frozen=True)
class GoingBack:
    """The newest return to a champion of before, unless it went well. status: Step Functions' word."""

    status: str
    began: datetime
    error: str = ""

    @property
    def is_running(self) -> bool:
        return self.status == "RUNNING"


@dataclass(frozen=True)
class ModelView:
    """since: since when it is the champion; former: run ids that there is a way back to, newest first.

    active: the run under way; waiting: the one that starts after it; lines: uploads and runs, newest first.
    verbs: what a person may do about the active run.
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
    verbs: tuple[Verb, ...] = ()
    going_back: GoingBack | None = None

    @property
    def may_go_back(self) -> bool:
        """Not while a run is under way, which could promote its own model over it."""
        return bool(self.former) and not self.active and not (self.going_back and self.going_back.is_running)

    @property
    def newest(self) -> Line | None:
        return self.lines[0] if self.lines else None

    @property
    def is_trouble(self) -> bool:
        """Its newest upload or run ended otherwise than it was meant to."""
        return self.newest is not None and self.newest.state in TROUBLE

    def line_of(self, run_id: str) -> Line | None:
        """The newest line of a run."""
        return next((line for line in self.lines if line.run_id == run_id), None)


@dataclass(frozen=True)
class Wanted:
    """What a person looks for in the list of models."""

    text: str = ""
    show: str = ALL
    page: int = 1

    def of(self, models: Iterable[ModelView]) -> list[ModelView]:
        """Those that are looked for: the newest trouble first, then the others by their newest line."""
        found = [model for model in models if self._is_shown(model) and self._is_found(model)]
        by_moment = sorted(found, key=lambda model: model.newest.at if model.newest else "", reverse=True)
        return sorted(by_moment, key=lambda model: not model.is_trouble)

    def pages(self, found: Sequence[ModelView]) -> int:
        return max(1, -(-len(found) // ON_A_PAGE))

    def shown(self, found: Sequence[ModelView]) -> Sequence[ModelView]:
        """One page of them."""
        return found[(self.page - 1) * ON_A_PAGE : self.page * ON_A_PAGE]

    def address(self, page: int) -> str:
        """The query that asks for another page of the same."""
        asked = {
            "q": self.text,
            "show": self.show if self.show != ALL else "",
            "page": page if page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in asked.items() if value})

    def _is_shown(self, model: ModelView) -> bool:
        if self.show == IN_TROUBLE:
            return model.is_trouble
        return self.show != UNDER_WAY or model.active is not None

    def _is_found(self, model: ModelView) -> bool:
        newest = model.newest
        said = (model.name, newest.source, newest.run_id, newest.reason) if newest else (model.name,)
        return any(self.text.casefold().strip() in each.casefold() for each in said)


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

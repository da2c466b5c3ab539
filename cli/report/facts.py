"""All that is known of one run, whatever way it ended: from the decision record, the ledger and the snapshot."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from cli.records.executions import State
from cli.records.ledger import Line
from switchyard.config.pipeline_json import pipeline_from_json, policy_from_json
from switchyard.config.snapshot import diff_key
from switchyard.core.errors import MissingError
from switchyard.core.evidence import Block
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.pipeline import BATCH, Pipeline
from switchyard.core.policy import RolloutPolicy
from switchyard.core.ports import Storage
from switchyard.core.run import Run, RunState
from switchyard.evaluation.rules.class_figures import ClassFigure, OfClass
from switchyard.evaluation.rules.gate import GateFigure, GateOutcome, GateVerdict
from switchyard.evaluation.rules.importance import Importance
from switchyard.evaluation.rules.performance import Performance
from switchyard.spending.rules.cost import Cost, Part
from switchyard.training.rules.dataset_diff import DatasetDiff

RUN_ID = re.compile(r"(?P<model>[a-z0-9-]+)-[0-9a-f]{12}(-r\d+)?")


@dataclass(frozen=True)
class Shift:
    """The challenger's share of live traffic from then on. at: seconds since the epoch; share: percent."""

    at: float
    stage: int
    share: float


@dataclass(frozen=True)
class Facts:
    """Whatever is not there (the run ended before it, or it was lost) is empty or None.

    started_at, settled_at: seconds since the epoch. champion_before: run id, "" when there was none, None when
    that is not known. last_look: the last verdict of the rollout as it was recorded. drops: batch drops that both
    models scored (source, batch_id, rows, at). guardrails: what SageMaker was told, if the shift was in its hands.
    orders: what people asked of the rollout (order, reason, stage, at). diff: what differs from the champion's dataset.
    performance: what both models did on the holdout.
    importance, importance_before: what challenger and champion go by. folds: how cross-validation judged, where it did.
    """

    model: str
    run_id: str
    source: str
    state: RunState
    reason: str
    run: Run | None = None
    started_at: float | None = None
    settled_at: float | None = None
    pipeline: Pipeline | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    gate: GateVerdict | None = None
    artifact_sha256: str = ""
    champion_before: str | None = None
    champion_after: str | None = None
    shifts: tuple[Shift, ...] = ()
    last_look: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    states: tuple[State, ...] = ()
    learned: RolloutPolicy | None = None
    policy_source: str = ""
    cost: Cost | None = None
    estimate: Mapping[str, Any] = field(default_factory=dict)
    drops: tuple[Mapping[str, Any], ...] = ()
    guardrails: Mapping[str, Any] = field(default_factory=dict)
    orders: tuple[Mapping[str, Any], ...] = ()
    diff: DatasetDiff | None = None
    performance: Performance | None = None
    importance: Importance | None = None
    importance_before: Importance | None = None
    folds: Mapping[str, Any] = field(default_factory=dict)

    @property
    def expected(self) -> Mapping[str, Part]:
        """What was expected of each part of the run, by its name."""
        parts = Cost.from_dict(self.estimate["expected"]).parts if self.estimate else ()
        return {part.what: part for part in parts}

    @property
    def policy(self) -> RolloutPolicy | None:
        """What the rollout was decided by: the declared policy, with what was learned from the champion's history."""
        return self.learned or (self.pipeline.rollout if self.pipeline else None)

    @property
    def judged_on(self) -> str:
        """Which rows the gate judged on; "" before it did."""
        if self.gate is None:
            return ""
        if not self.folds:
            return f"{self.gate.rows:,} rows of the frozen holdout"
        rows, effective = int(self.folds["rows"]), int(self.folds["effective_rows"])
        return (
            f"{rows:,} rows of the dataset by {self.folds['folds']}-fold cross-validation, {self.folds['repeats']} "
            f"times: each row by models that were trained without it; as sure as a holdout of {effective:,} rows"
        )

    @property
    def is_first(self) -> bool:
        """The first deployment of a model: there was nothing to compare it with."""
        return bool(self.shifts) and self.champion_before == ""

    @property
    def was_compared(self) -> bool:
        """Live, with a champion: by a split of requests, after a swap, or on batch drops; by us, not by SageMaker."""
        return bool(self.shifts) and not self.is_first and not self.guardrails

    @property
    def way(self) -> Literal["split", "swap", "rows", "gate"]:
        """How the model goes live: a share of requests, everything at once and then watched, rows of batch drops that
        both models score, or a batch model by the gate alone.
        """
        if self.pipeline is None:
            return "split"
        if self.pipeline.paired:
            return "rows"
        if self.pipeline.deployment.mode == BATCH:
            return "gate"
        return "swap" if self.pipeline.deployment.swaps else "split"


@dataclass(frozen=True)
class Sources:
    """Where facts come from. visits: run id -> the states its execution went through, () when that is gone."""

    artifacts: Storage
    ledger: Ledger
    visits: Callable[[str], tuple[State, ...]] = lambda _: ()

    def facts(self, line: Line) -> Facts:
        """Everything about one line of the ledger; an upload that became no run has only what the line says."""
        if not line.run_id:
            return Facts(line.model, "", line.source, RunState(line.state), line.reason)
        record = self._record(line)
        run = Run.from_dict(record["run"]) if record.get("run") else None
        evaluation, blocks = record.get("evaluation") or {}, self.ledger.blocks(line.run_id)
        champion = record.get("champion") or {}
        rows = self._json(f"{line.model}/prepared/{line.run_id}/schema.json").get("rows", {})
        return Facts(
            line.model,
            line.run_id,
            run.source if run else line.source,
            RunState(record["state"]),
            str(record["reason"]),
            run,
            epoch(record.get("started_at")),
            epoch(record.get("settled_at")),
            self._pipeline(run),
            self._json(f"{run.snapshot}manifest.json") if run else {},
            rows,
            gate_of(evaluation.get("gate")),
            str(evaluation.get("artifact_sha256", "")),
            self._before(line.run_id, evaluation),
            champion.get("run_id"),
            tuple(Shift(float(s["at"]), int(s["stage"]), float(s["weight"])) for s in record["weights"]),
            record.get("rollout") or {},
            blocks,
            self.visits(line.run_id),
            policy_from_json(json.dumps(record["policy"])) if record.get("policy") else None,
            str(record.get("policy_source", "")),
            Cost.from_dict(record["cost"]) if record.get("cost") else None,
            record.get("estimate") or {},
            tuple(record.get("drops", ())),
            record.get("guardrails") or {},
            tuple(record.get("orders", ())),
            self._diff(line, record),
            Performance.from_dict(evaluation["performance"]) if evaluation.get("performance") else None,
            *_importance(evaluation.get("importance") or {}),
            evaluation.get("cross_validation") or {},
        )

    def recorded(self, run_id: str) -> Line | None:
        """A run that the ledger does not know any more, from its decision record alone."""
        found = RUN_ID.fullmatch(run_id)
        record = self._json(f"{found['model']}/decisions/{run_id}.json") if found else {}
        if not record:
            return None
        run = record["run"]
        return Line(run["model"], run["source"], record["state"], record["reason"], run_id, "", "")

    def _record(self, line: Line) -> dict[str, Any]:
        """The decision record; for a run that is not settled, or never began, what it would hold by now."""
        record = self._json(f"{line.model}/decisions/{line.run_id}.json")
        if record:
            return record
        item = self.ledger.run_item(line.model, line.run_id) or {}
        rollout, policy = self.ledger.rollout(line.run_id) or {}, self.ledger.policy(line.run_id) or {}
        champion = self.ledger.champion(line.model)
        return {
            "run": json.loads(str(item["run"])) if item else None,
            "state": line.state,
            "reason": line.reason,
            "started_at": item.get("started_at"),
            "settled_at": item.get("ended_at"),
            "estimate": json.loads(str(item.get("estimate", "null"))),
            "champion": champion.to_dict() if champion else None,
            "evaluation": self._json(f"{line.model}/evaluations/{line.run_id}/evaluation.json"),
            "weights": json.loads(str(rollout.get("trail", "[]"))),
            "rollout": json.loads(str(rollout.get("verdict", "{}"))),
            "policy": json.loads(str(policy.get("policy", "{}"))),
            "policy_source": str(policy.get("source", "")),
            "guardrails": json.loads(str(rollout.get("guardrails", "{}"))),
            "orders": json.loads(str(rollout.get("orders", "[]"))),
        }

    def _diff(self, line: Line, record: Mapping[str, Any]) -> DatasetDiff | None:
        found = (record.get("data") or {}).get("diff") or self._json(diff_key(line.model, line.run_id))
        return DatasetDiff.from_dict(found) if found else None

    def _before(self, run_id: str, evaluation: Mapping[str, Any]) -> str | None:
        rollout = self.ledger.rollout(run_id) or {}
        found = evaluation.get("champion", rollout.get("champion"))
        return None if found is None else str(found)

    def _pipeline(self, run: Run | None) -> Pipeline | None:
        try:
            return pipeline_from_json(self.artifacts.read(run.pipeline_key)) if run else None
        except MissingError:
            return None

    def _json(self, key: str) -> dict[str, Any]:
        try:
            found = json.loads(self.artifacts.read(key))
        except MissingError:
            return {}
        return found if isinstance(found, dict) else {}


def gate_of(data: Mapping[str, Any] | None) -> GateVerdict | None:
    """The offline verdict as it was stored."""
    if not data:
        return None
    figures = tuple(_figure(each) for each in data["figures"])
    classes = tuple(_class_figure(each) for each in data.get("classes", ()))
    return GateVerdict(GateOutcome(data["outcome"]), str(data["reason"]), int(data["rows"]), figures, classes)


def _class_figure(data: Mapping[str, Any]) -> ClassFigure:
    champion, challenger = data["champion"], OfClass(**data["challenger"])
    return ClassFigure(data["name"], data["rows"], OfClass(**champion) if champion else None, challenger)


def _importance(data: Mapping[str, Any]) -> tuple[Importance | None, Importance | None]:
    """Of challenger and champion."""
    new, old = (data.get(model) for model in ("challenger", "champion"))
    return Importance.from_dict(new) if new else None, Importance.from_dict(old) if old else None


def _figure(data: Mapping[str, Any]) -> GateFigure:
    values = {each.name: data[each.name] for each in fields(GateFigure) if each.name in data}
    for name in ("interval", "harm_interval"):
        values[name] = tuple(values[name]) if values.get(name) else None
    return GateFigure(**{**values, "outcome": GateOutcome(values["outcome"])})


def epoch(moment: object) -> float | None:
    """Seconds since the epoch, of a number or an ISO 8601 text; None for neither."""
    if isinstance(moment, int | float):
        return float(moment)
    return datetime.fromisoformat(moment).timestamp() if isinstance(moment, str) and moment else None

"""The report for programs: all that the page says, by the words of the decision record."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cli.display import json_safe
from cli.report import words
from cli.report.facts import Facts


def report_of(facts: Facts) -> dict[str, Any]:
    """JSON-safe; a figure that there is none of is null."""
    found = {
        "model": facts.model,
        "run": facts.run_id,
        "state": facts.state.value,
        "summary": words.summary(facts),
        "reason": facts.reason,
        "started_at": facts.started_at,
        "settled_at": facts.settled_at,
        "champion": {"before": facts.champion_before, "after": facts.champion_after},
        "dataset": {
            "source": facts.source,
            "digest": facts.run.digest if facts.run else "",
            "files": list(facts.manifest.get("files", [])),
            "columns": list(facts.manifest.get("columns", [])),
            "rows": dict(facts.rows),
        },
        "data_diff": facts.diff.to_dict() if facts.diff else None,
        "training": asdict(facts.pipeline.training) if facts.pipeline else None,
        "artifact_sha256": facts.artifact_sha256,
        "gate": asdict(facts.gate) if facts.gate else None,
        "performance": facts.performance.to_dict() if facts.performance else None,
        "importance": {
            "challenger": facts.importance.to_dict() if facts.importance else None,
            "champion": facts.importance_before.to_dict() if facts.importance_before else None,
        },
        "rollout": dict(facts.last_look),
        "traffic": [asdict(shift) for shift in facts.shifts],
        "orders": [dict(each) for each in facts.orders],
        "cost": facts.cost.to_dict() if facts.cost else None,
        "timeline": [asdict(event) for event in words.timeline(facts)],
    }
    return {name: json_safe(value) for name, value in found.items()}

"""What every end of a run leaves: its decision record, its state, and a notice to whoever wants to know."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Clock, Notices, Storage
from switchyard.core.run import Outcome, Run


class Cost(Protocol):
    """What a run has cost; spending.rules.cost counts it."""

    def to_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class DecisionRecords:
    """The decision record comes first: what is in the bucket survives the loss of everything else."""

    ledger: Ledger
    artifacts: Storage
    notices: Notices
    clock: Clock

    def close(self, run: Run, outcome: Outcome, facts: Mapping[str, Any], cost: Cost | None = None) -> None:
        """facts: what the record holds besides what is known of every run."""
        champion = self.ledger.champion(run.model)
        item = self.ledger.run_item(run.model, run.run_id) or {}
        record = {
            "run": run.to_dict(),
            "state": outcome.state.value,
            "reason": outcome.reason,
            "why": item.get("why", ""),
            "started_at": item.get("started_at", ""),
            "settled_at": self.clock(),
            "champion": champion.to_dict() if champion else None,
            "estimate": json.loads(str(item.get("estimate", "null"))),
            "cost": cost.to_dict() if cost else None,
            "month": item.get("month", ""),
            **facts,
        }
        body = json.dumps(record, indent=1, sort_keys=True).encode()
        self.artifacts.write(f"{run.model}/decisions/{run.run_id}.json", body)
        self.ledger.set_state(run.model, run.run_id, outcome.state, outcome.reason)
        text = self._notice(run, outcome, champion.run_id if champion else "none", cost)
        self.notices.tell(f"{run.model}: {outcome.state.value}", text)

    def _notice(self, run: Run, outcome: Outcome, champion: str, cost: Cost | None) -> str:
        record = self.artifacts.uri(f"{run.model}/decisions/{run.run_id}.json")
        lines = [
            f"Run {run.run_id} of model {run.model} ended {outcome.state.value}.",
            f"Why: {outcome.reason}",
            f"Data: {run.source}",
            f"Champion now: {champion}",
            f"Cost: {cost if cost else 'not known'}",
            f"Decision record: {record}",
        ]
        return "\n".join(lines)

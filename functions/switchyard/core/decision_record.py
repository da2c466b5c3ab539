"""What every end of a run leaves: its decision record, its state, and a notice to whoever wants to know."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from switchyard.core.errors import MissingError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Clock, Notices, Storage
from switchyard.core.resources.notice import notice
from switchyard.core.run import Outcome, Run, RunState


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

    def outcome(self, run: Run) -> Outcome | None:
        """How the run ended, by its record; None while it has none."""
        try:
            record = json.loads(self.artifacts.read(_key(run)))
        except MissingError:
            return None
        return Outcome(RunState(record["state"]), str(record["reason"]))

    def close(self, run: Run, outcome: Outcome, facts: Mapping[str, Any], cost: Cost | None = None) -> None:
        """facts: what the record holds besides what is known of every run. A record is written once: whoever comes to
        a run that has one brings the ledger to what it says.
        """
        if not self.artifacts.write(_key(run), self._record(run, outcome, facts, cost), absent=True):
            outcome = self.outcome(run) or outcome
        self.ledger.set_state(run.model, run.run_id, outcome.state, outcome.reason)
        champion = self.ledger.champion(run.model)
        text = self._notice(run, outcome, champion.run_id if champion else "none", cost)
        self.notices.tell(f"{run.model}: {outcome.state.value}", text)

    def _record(self, run: Run, outcome: Outcome, facts: Mapping[str, Any], cost: Cost | None) -> bytes:
        champion = self.ledger.champion(run.model)
        item = self.ledger.run_item(run.model, run.run_id) or {}
        record = {
            "run": run.to_dict(),
            "state": outcome.state.value,
            "reason": outcome.reason,
            "why": item.get("why", ""),
            "started_at": item.get("started_at", ""),
            "arrived_at": item.get("arrived_at", ""),
            "settled_at": self.clock(),
            "champion": champion.to_dict() if champion else None,
            "estimate": json.loads(str(item.get("estimate", "null"))),
            "cost": cost.to_dict() if cost else None,
            "month": item.get("month", ""),
            **facts,
        }
        return json.dumps(record, indent=1, sort_keys=True).encode()

    def _notice(self, run: Run, outcome: Outcome, champion: str, cost: Cost | None) -> str:
        return notice(
            outcome.reason or f"The run ended {outcome.state.value}.",
            f"Champion now: {champion}",
            f"More: switchyard why {run.run_id}",
            f"Cost: {cost if cost else 'not known'}",
            f"Decision record: {self.artifacts.uri(_key(run))}",
            f"Data: {run.source}",
        )


def _key(run: Run) -> str:
    return f"{run.model}/decisions/{run.run_id}.json"

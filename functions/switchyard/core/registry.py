"""What the model registry says of a run's version: waiting while the run is under way, then how it ended."""

from dataclasses import dataclass

from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Control
from switchyard.core.run import Outcome, RunState

WAITING, APPROVED, REJECTED = "PendingManualApproval", "Approved", "Rejected"
LONGEST_DESCRIPTION = 1024  # ApprovalDescription, of one line: its pattern is `.*`


def answer_of(outcome: Outcome) -> str:
    """Others deploy what is Approved: only what has earned its place may be."""
    return APPROVED if outcome.state is RunState.PROMOTED else REJECTED


@dataclass(frozen=True)
class Registry:
    """Versions are told how their runs ended; as often as you like."""

    ledger: Ledger
    control: Control

    def settle(self, model: str, run_id: str, outcome: Outcome) -> None:
        """Nothing for a run that registered no model."""
        package = str((self.ledger.run_item(model, run_id) or {}).get("package", ""))
        if package:
            why = " ".join(f"{outcome.state}: {outcome.reason}".split())[:LONGEST_DESCRIPTION]
            self.control.answer_package(package, answer_of(outcome), why)

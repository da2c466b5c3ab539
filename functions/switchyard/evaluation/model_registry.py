"""The model registry: the model with the evaluation that let it in, and a person's yes or no."""

import json
from dataclasses import dataclass

from switchyard.config.snapshot import Snapshots
from switchyard.core.errors import MissingError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Clock, Control, Storage, Tokens
from switchyard.core.run import Run
from switchyard.core.waiting import Waiting
from switchyard.evaluation.rules.model_card import model_card

HOUR = 3600


@dataclass(frozen=True)
class ModelRegistry:
    """One model package a run."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    snapshots: Snapshots
    waiting: Waiting
    tokens: Tokens
    clock: Clock

    def register(self, run: Run, artifact: str, evaluation: str) -> dict[str, str]:
        names = Names(self.prefix, run.model, run.run_id)
        pipeline = self.snapshots.pipeline(run)
        where, card = self.artifacts.uri(evaluation), self._card(run, pipeline, artifact, evaluation)
        arn = self.control.ensure_package(names, pipeline, artifact, where, card)
        self.ledger.note_package(run, arn)
        return {"arn": arn}

    def _card(self, run: Run, pipeline: Pipeline, artifact: str, evaluation: str) -> str:
        """ "" where what the gate left is gone: a model without a card is still one that was let in."""
        try:
            record = json.loads(self.artifacts.read(evaluation))
        except MissingError:
            return ""
        return model_card(run, pipeline, artifact, record)

    def await_approval(self, run: Run, arn: str, token: str) -> None:
        """Answers when ModelApprovalStatus says Approved or Rejected, or when the time for it is over."""
        approval = self.snapshots.pipeline(run).approval
        waited = self.clock() - self.ledger.registered_at(run)
        if waited < approval.hours * HOUR:
            self.waiting.for_package(arn, f"{run.run_id}#AwaitApproval", token)
            return
        why = f"nobody approved {arn} within {approval.hours} hours; approve it and drop the dataset again"
        self.tokens.succeed(token, {"package": arn, "status": "Expired", "reason": why})

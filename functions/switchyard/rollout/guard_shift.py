"""GuardShift: SageMaker itself shifts the traffic, and goes back by itself when an alarm of this run trips."""

import json
from dataclasses import dataclass, replace
from typing import Any

from switchyard.config.snapshot import Snapshots
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.pipeline import Guardrails, Pipeline
from switchyard.core.ports import Alarms, Control, Storage, Variant
from switchyard.core.resources.guardrails import Guard, alarms_of, is_guarded_by, summary, took
from switchyard.core.resources.observation import Expected
from switchyard.core.resources.pools import endpoint_claim
from switchyard.core.run import Run
from switchyard.core.waiting import Waiting
from switchyard.rollout.ended_run import refuse_ended
from switchyard.rollout.scaled_endpoint import ScaledEndpoint

FULL = 100.0


@dataclass(frozen=True)
class GuardShift:
    """metric_period: seconds of one CloudWatch period of the endpoint's metrics."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    alarms: Alarms
    snapshots: Snapshots
    waiting: Waiting
    metric_period: float
    scaled: ScaledEndpoint

    def shift(self, run: Run, rollout: dict[str, Any], token: str) -> None:
        """Answers as JudgeWindow does: `keep` when all traffic is the challenger's, `restore` when it went back."""
        pipeline, names = self.snapshots.pipeline(run), Names(self.prefix, run.model, run.run_id)
        policy, variant = _policy(pipeline), str(rollout["champion_variant"])
        alarms = alarms_of(policy, names, variant, self.metric_period)
        guard = Guard(policy, tuple(each.name for each in alarms))
        self.ledger.save_rollout(run.run_id, {"guardrails": json.dumps(summary(policy, alarms))})

        def begin() -> None:
            if is_guarded_by(self.control.describe_endpoint(names.endpoint) or {}, guard.alarms):
                return  # it was carried out: what came of it is seen, and once is enough
            for alarm in alarms:
                self.alarms.put(alarm)
            self._ensure_config(run, pipeline, names, variant)
            self.scaled.release(names.endpoint)
            refuse_ended(self.ledger, run)
            self.control.ensure_endpoint(names.endpoint, names.full_config, guard)

        self.waiting.for_endpoint(
            names.endpoint,
            f"{run.run_id}#GuardShift",
            token,
            Expected(names.full_config, alarms=guard.alarms),
            {"kind": "keep", "stage": 0, "weight": FULL, "reason": took(policy)},
            begin,
            replace(endpoint_claim(run.model, run.record, pipeline.deployment), of_run=True),
        )

    def _ensure_config(self, run: Run, pipeline: Pipeline, names: Names, variant: str) -> None:
        """ "Your new endpoint configuration must have the same variant name as the old" (guardrails: exclusions)."""
        size = self.scaled.size(names.endpoint, pipeline.deployment, FULL)
        variants = [Variant(variant, names.sagemaker_model, FULL, size)]
        self.control.ensure_config(names.full_config, pipeline, variants, self.artifacts.uri(run.model))


def _policy(pipeline: Pipeline) -> Guardrails:
    if pipeline.guardrails is None:
        raise AssertionError(f"{pipeline.name}: GuardShift is entered with rollout.strategy guardrails alone")
    return pipeline.guardrails

"""Every run ends in exactly one terminal state, with its record closed, the endpoint whole and the next run started."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from switchyard.closing.keep_scaled import KeepScaled
from switchyard.config.snapshot import Snapshots, diff_key
from switchyard.core.champion import Champion
from switchyard.core.decision_record import DecisionRecords
from switchyard.core.errors import BusyError, MissingError, TransientError
from switchyard.core.execution_end import UNFINISHED, outcome_of
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.ports import Alarms, Clock, Control, Execution, Executions, Item, Storage
from switchyard.core.registry import Registry
from switchyard.core.resources.guardrails import alarm_names
from switchyard.core.resources.observation import best_job, observe_package
from switchyard.core.resources.pools import CHAMPION, endpoint_claim
from switchyard.core.run import Outcome, Run, RunState
from switchyard.core.waiting import waited_for
from switchyard.intake.run_queue import RunQueue
from switchyard.rollout.rules.restore_step import Done, next_step
from switchyard.spending.capacity import Capacity
from switchyard.spending.run_cost import RunCost

RESTORE_SUFFIX = "-restore"
RESTORE_ATTEMPTS = 3  # by events; after these the sweep tries once every time it comes
# "This API action is eventually consistent" (DescribeExecution): the event can be ahead of it.


@dataclass(frozen=True)
class SettleRun:
    """Called when an execution has ended, by the event or by the sweep; as often as you like."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    executions: Executions
    run_queue: RunQueue
    clock: Clock
    decision_records: DecisionRecords
    run_cost: RunCost
    capacity: Capacity
    alarms: Alarms
    keep_scaled: KeepScaled
    registry: Registry

    def ended(self, run: Run, execution: Execution) -> RunState | None:
        """Settles `run`, whose retrain execution ended; None when something has to come first."""
        if execution.status in UNFINISHED:
            raise TransientError(
                f"{run.run_id}: its execution is said to be {execution.status}; asked again later"
            )
        state = self.ledger.carry_over(run.model, run.run_id)
        if state is None or state.is_terminal:
            self._free(run)
            return state
        outcome = outcome_of(execution)
        if outcome.state is RunState.ABORTED:
            # a function may be at work still, and is to move no traffic from now on
            self.ledger.set_state(run.model, run.run_id, RunState.RESTORING, outcome.reason)
        self._clean(run)
        if outcome.state is RunState.PROMOTED:
            Snapshots(self.artifacts).adopt(run)
            self.ledger.set_champion(run.model, self._champion(run))
        elif not self._is_whole(run):
            self._restore(run, outcome)
            return None
        self.close(run, outcome)
        return outcome.state

    def restored(self, run: Run) -> RunState | None:
        """Settles `run` after its restore execution ended."""
        execution = self.executions.retrain_status(run.run_id)
        if execution is None or execution.status == "RUNNING":
            return None  # a restore within a rollout that goes on to its own end
        return self.ended(run, execution)

    def _is_whole(self, run: Run) -> bool:
        """Nothing of this run is left on the live endpoint."""
        endpoint = Names(self.prefix, run.model, run.run_id).endpoint
        found, champion = self.control.describe_endpoint(endpoint), self.ledger.champion(run.model)
        step = next_step(found, champion, abandoned=Names(self.prefix, run.model, run.run_id).full_config)
        return isinstance(step, Done) or self.ledger.rollout(run.run_id) is None

    def _restore(self, run: Run, outcome: Outcome) -> None:
        self.ledger.set_state(run.model, run.run_id, RunState.RESTORING, outcome.reason)
        name = f"{run.run_id}{RESTORE_SUFFIX}"
        for attempt in range(1, RESTORE_ATTEMPTS + 1):
            before = self.executions.restore_status(f"{name}-{attempt}")
            if before is None or before.status == "RUNNING":
                self.executions.start_restore(f"{name}-{attempt}", {"run": run.to_dict()})
                return

    def _clean(self, run: Run) -> None:
        names = Names(self.prefix, run.model, run.run_id)
        for job in (names.dataset_job, names.preparation_job, names.program_job):
            self.control.stop_processing(job)
        self.control.stop_tuning(names.tuning_job)
        self.control.stop_training(names.training_job)
        for job in (names.transform_job, names.champion_transform_job):
            self.control.stop_transform(job)
        with suppress(BusyError):  # still Creating: the sweep walks the endpoints and deletes it
            self.control.delete_endpoint(names.alpha, config=names.alpha)
        self.ledger.note_alpha_end(run)

    def _champion(self, run: Run) -> Champion:
        names = Names(self.prefix, run.model, run.run_id)
        schema = f"{run.model}/prepared/{run.run_id}/schema.json"
        digest, mode = (
            self._evaluation(run)["artifact_sha256"],
            Snapshots(self.artifacts).pipeline(run).deployment.mode,
        )
        variant = str((self.ledger.rollout(run.run_id) or {}).get("variant", ""))
        return Champion(run.run_id, names.full_config, names.sagemaker_model, schema, digest, mode, variant)

    def _tuning_job(self, run: Run) -> str:
        return Names(self.prefix, run.model, run.run_id).tuning_job

    def _prepared(self, run: Run) -> dict[str, Any]:
        """How many rows went where, the first that was left out because it is in the holdout, and what differs from
        the champion's dataset.
        """
        content = self._json(f"{run.model}/prepared/{run.run_id}/schema.json")
        if not content:
            return {}
        kept = {name: content.get(name) for name in ("rows", "first_left_out", "left_out")}
        return kept | {"diff": self._json(diff_key(run.model, run.run_id)) or None}

    def _evaluation(self, run: Run) -> dict[str, Any]:
        return self._json(f"{run.model}/evaluations/{run.run_id}/evaluation.json")

    def _json(self, key: str) -> dict[str, Any]:
        """Empty where there is no such file."""
        try:
            found: dict[str, Any] = json.loads(self.artifacts.read(key))
        except MissingError:
            return {}
        return found

    def close(self, run: Run, outcome: Outcome) -> None:
        """Its alarms, its version in the registry, its cost, its record, its notice; then its place is free."""
        facts = self._facts(run)
        if facts["guardrails"]:
            self._delete_alarms(run)
        # of what is on record already, that counts; before the record, because what has one is not settled again
        self.registry.settle(run.model, run.run_id, self.decision_records.outcome(run) or outcome)
        self.decision_records.close(run, outcome, facts, self.run_cost.settle(run))
        self.keep_scaled.keep(run.model)
        self._free(run)

    def _delete_alarms(self, run: Run) -> None:
        """Only now: a shift whose alarms are gone while it is under way is watched by nobody."""
        for name in alarm_names(Names(self.prefix, run.model, run.run_id)):
            self.alarms.delete(name)

    def forget_waits(self, model: str, run_id: str) -> None:
        """Tokens of an execution that has ended: nobody will ever answer them."""
        names = Names(self.prefix, model, run_id)
        package = (self.ledger.run_item(model, run_id) or {}).get("package", "")
        own = [*waited_for(names, str(package)), f"rollout/{run_id}"]
        waits = [wait for resource in own for wait in self.ledger.waits(resource)]
        shared = self.ledger.waits(f"endpoint/{names.endpoint}")
        for wait in waits + [wait for wait in shared if wait.key.startswith(f"{run_id}#")]:
            self.ledger.end_wait(wait)

    def _free(self, run: Run) -> None:
        self.forget_waits(run.model, run.run_id)
        if self.ledger.active(run.model) == run.run_id:
            self.keep_live(run.model)
        self.capacity.ended(run.model, run.record)
        self.ledger.release(run.model, run.run_id)
        self.run_queue.start_next(run.model)

    def keep_live(self, model: str) -> None:
        """Counts the instances that the champion serves on, while no run moves its endpoint."""
        champion, names = self.ledger.champion(model), Names(self.prefix, model, "")
        serves = champion is not None and champion.has_endpoint and self.capacity.limits
        if champion is None or not serves:
            self.capacity.keep_live(model, names.endpoint, None)
            return
        pipeline = Snapshots(self.artifacts).pipeline(self.ledger.run(model, champion.run_id))
        claim = endpoint_claim(model, CHAMPION, pipeline.deployment)
        self.capacity.keep_live(model, names.endpoint, claim)

    def _facts(self, run: Run) -> dict[str, Any]:
        """What the decision record holds of a run that started."""
        item = self.ledger.run_item(run.model, run.run_id) or {}
        rollout, policy = self.ledger.rollout(run.run_id) or {}, self.ledger.policy(run.run_id) or {}
        return {
            "data": self._prepared(run),
            "tuning": best_job(self.control.describe_tuning(self._tuning_job(run))),
            "evaluation": self._evaluation(run),
            "weights": json.loads(str(rollout.get("trail", "[]"))),
            "rollout": json.loads(str(rollout.get("verdict", "{}"))),
            "drops": self._drops(run),
            "approval": self._approval(item),
            "guardrails": json.loads(str(rollout.get("guardrails", "{}"))),
            "orders": json.loads(str(rollout.get("orders", "[]"))),
            "policy": json.loads(str(policy.get("policy", "{}"))),
            "policy_source": str(policy.get("source", "")),
        }

    def _drops(self, run: Run) -> list[dict[str, Any]]:
        """The batch drops that a batch model was compared on, oldest first."""
        return [
            {
                "source": json.loads(str(drop["batch"]))["source"],
                "batch_id": str(drop["sk"]).removeprefix("DROP#"),
                "rows": int(drop["rows"]),
                "at": float(drop["at"]),
            }
            for drop in sorted(self.ledger.drops(run.run_id), key=lambda drop: float(drop["at"]))
        ]

    def _approval(self, item: Item) -> dict[str, str]:
        """The run's model package, and who or what let it go live."""
        arn = str(item.get("package", ""))
        seen = observe_package(self.control.describe_package(arn)) if arn else None
        return {"package": arn, **(seen.found if seen else {})}

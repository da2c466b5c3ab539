"""Every station over fakes, joined as runtime.wiring joins them over adapters."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from switchyard.batch.admit_batch import AdmitBatch
from switchyard.batch.compare_drop import CompareDrop
from switchyard.batch.settle_batch import SettleBatch
from switchyard.batch.sweep_batches import SweepBatches
from switchyard.batch.transform_drop import TransformDrop
from switchyard.closing.cleanup import Cleanup
from switchyard.closing.dead_letters import DrainDeadLetters
from switchyard.closing.expire_logs import ExpireLogs
from switchyard.closing.forgotten_runs import Forgotten
from switchyard.closing.keep_scaled import KeepScaled
from switchyard.closing.lost_events import LostEvents
from switchyard.closing.retire_model import RetireModel
from switchyard.closing.settle_run import SettleRun
from switchyard.closing.sweep import Sweep
from switchyard.closing.sweep_order import Turns
from switchyard.config.champion_resources import ChampionResources
from switchyard.config.snapshot import Snapshots
from switchyard.core.champion import Champion
from switchyard.core.decision_record import DecisionRecords
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.rebuild import Rebuild
from switchyard.core.names import Names
from switchyard.core.registry import Registry
from switchyard.core.run import Run, RunState
from switchyard.core.waiting import Waiting
from switchyard.engine.table_files import EngineForms
from switchyard.evaluation.model_registry import ModelRegistry
from switchyard.intake.admission import Admission
from switchyard.intake.check_dataset import DatasetCheck
from switchyard.intake.owner_code import OwnerCode
from switchyard.intake.run_queue import RunQueue
from switchyard.rollout.guard_shift import GuardShift
from switchyard.rollout.restore_champion import RestoreChampion
from switchyard.rollout.scaled_endpoint import ScaledEndpoint
from switchyard.rollout.set_champion import SetChampion
from switchyard.rollout.shift_traffic import ShiftTraffic
from switchyard.spending.capacity import Capacity
from switchyard.spending.run_budget import RunBudget
from switchyard.spending.run_cost import RunCost
from switchyard.training.cross_validation_rows import Folding
from switchyard.training.dataset_order import DatasetAnswers
from switchyard.training.distributions import Distributions
from switchyard.training.prepare_dataset import PrepareDataset
from switchyard.training.prepare_run import PrepareRun
from switchyard.training.start_training import StartTraining
from switchyard.triggers.retraining import Retraining
from tests.fakes.flow import (
    FakeAlarms,
    FakeArrivals,
    FakeAutoscaling,
    FakeDeadLetters,
    FakeExecutions,
    FakeLogGroups,
    FakeNotices,
    FakeTokens,
)
from tests.fakes.job_outputs import work_dataset
from tests.fakes.pipelines import text
from tests.fakes.sagemaker import FakeControl
from tests.fakes.store import Clock, MemoryItems, MemoryStorage

PREFIX = "switchyard"
SOUND = "a,b,y\n" + "".join(f"{i},{i * 2},{i % 2}\n" for i in range(40))


def csv_of(seed: int, rows: int = 40) -> str:
    """A sound dataset, another one for every seed."""
    return "a,b,y\n" + "".join(f"{seed}.{i},{i * 3},{i % 2}\n" for i in range(rows))


@dataclass
class Stations:
    """The whole pipeline in memory: what a test puts in, and what each station made of it."""

    clock: Clock = field(default_factory=Clock)
    items: MemoryItems = field(default_factory=MemoryItems)
    control: FakeControl = field(default_factory=FakeControl)
    executions: FakeExecutions = field(default_factory=FakeExecutions)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    notices: FakeNotices = field(default_factory=FakeNotices)
    alarms: FakeAlarms = field(default_factory=FakeAlarms)
    arrivals: FakeArrivals = field(default_factory=FakeArrivals)
    dead_letters: FakeDeadLetters = field(default_factory=FakeDeadLetters)
    limits: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data, self.artifacts = self.storage("data"), self.storage("artifacts")
        self.forms = EngineForms()
        self.ledger = Ledger(self.items, self.clock)
        self.snapshots = Snapshots(self.artifacts)
        self.run_budget = RunBudget(self.ledger, self.artifacts, self.snapshots, self.clock)
        self.decision_records = DecisionRecords(self.ledger, self.artifacts, self.notices, self.clock)
        self.rebuild = Rebuild(self.ledger, self.artifacts)
        self.run_cost = RunCost(PREFIX, self.control, self.run_budget)
        self.run_queue = RunQueue(
            self.ledger, self.executions, self.snapshots, self.run_budget, self.decision_records
        )
        dataset_check, owner_code = (
            DatasetCheck(self.data, self.snapshots, self.forms),
            OwnerCode(self.artifacts),
        )
        self.admission = Admission(
            self.ledger, self.data, self.artifacts, self.run_queue, dataset_check, owner_code, self.rebuild
        )
        self.retraining = Retraining(self.ledger, self.artifacts, self.admission, self.clock)
        self.capacity = Capacity(
            self.ledger, self.control, self.tokens, self.clock, self.limits, self.notices
        )
        self.waiting = Waiting(self.ledger, self.control, self.tokens, self.capacity)
        self.prepare_dataset = PrepareDataset(
            self.artifacts,
            self.snapshots,
            Distributions(self.artifacts, self.ledger),
            Folding(self.artifacts, self.snapshots, self.ledger),
            self.forms,
        )
        self.prepare_run = PrepareRun(self.snapshots, DatasetAnswers(self.artifacts), self.prepare_dataset)
        self.control.dataset_read = lambda order: work_dataset(self.data, self.artifacts, order)
        self.start_training = StartTraining(
            PREFIX, self.artifacts, self.control, self.snapshots, self.waiting
        )
        self.autoscaling = FakeAutoscaling(self.control)
        self.scaled_endpoint = ScaledEndpoint(PREFIX, self.control, self.autoscaling)
        self.restore_champion = RestoreChampion(
            PREFIX, self.ledger, self.control, self.tokens, self.waiting, self.scaled_endpoint
        )
        self.shift_traffic = ShiftTraffic(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.snapshots,
            self.waiting,
            self.clock,
            self.scaled_endpoint,
        )
        self.keep_scaled = KeepScaled(
            PREFIX, self.ledger, self.control, self.snapshots, self.autoscaling, self.alarms
        )
        self.model_registry = ModelRegistry(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.snapshots,
            self.waiting,
            self.tokens,
            self.clock,
        )
        self.admit_batch = AdmitBatch(
            self.ledger, self.data, self.artifacts, self.snapshots, self.executions, self.forms
        )
        self.transform_drop = TransformDrop(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.snapshots,
            self.waiting,
        )
        self.compare_drop = CompareDrop(self.ledger, self.data, self.artifacts, self.snapshots)
        self.settle_batch = SettleBatch(PREFIX, self.ledger, self.control, self.executions, self.capacity)
        self.registry = Registry(self.ledger, self.control)
        self.set_champion = SetChampion(self.ledger, self.artifacts, self.clock, self.registry)
        self.settle_run = SettleRun(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.executions,
            self.run_queue,
            self.clock,
            self.decision_records,
            self.run_cost,
            self.capacity,
            self.alarms,
            self.keep_scaled,
            self.registry,
        )
        self.guard_shift = GuardShift(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.alarms,
            self.snapshots,
            self.waiting,
            60.0,
            self.scaled_endpoint,
        )
        self.sweep = Sweep(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.executions,
            self.run_queue,
            self.settle_run,
            Cleanup(PREFIX, self.ledger, self.control, self.alarms),
            SweepBatches(self.ledger, self.executions, self.arrivals, self.settle_batch),
            RetireModel(PREFIX, self.ledger, self.artifacts, self.control, self.decision_records),
            self.rebuild,
            ChampionResources(PREFIX, self.ledger, self.artifacts, self.control, self.snapshots),
            Forgotten(self.ledger, self.artifacts, self.executions, self.settle_run),
            DrainDeadLetters(self.ledger, self.dead_letters, self.notices, self.data.bucket),
            ExpireLogs(PREFIX, FakeLogGroups()),
            LostEvents(PREFIX, self.ledger, self.waiting),
            self.keep_scaled,
            Turns(self.ledger, self.clock),
        )

    def storage(self, name: str) -> MemoryStorage:
        return MemoryStorage(name, self.clock)

    def has_pipeline(self, model: str = "digits", **parts: Any) -> None:
        """A pipeline.yaml whose gate is content with a small holdout, so that small datasets do."""
        parts = {"evaluation": {"minimum_rows": 2}} | parts
        self.artifacts.write(f"{model}/pipeline.yaml", text(model, **parts).encode())

    def upload(self, key: str, body: str = SOUND) -> str:
        """An object arrives a second after the one before; it is not admitted yet."""
        self.clock.pass_(1)
        self.data.write(key, body.encode())
        return key

    def drop(self, key: str, body: str = SOUND) -> str:
        """An object arrives and is admitted."""
        return self.admission.admit(self.upload(key, body))

    def a_run(self, seed: int = 1, model: str = "digits") -> Run:
        """A run that has just been admitted, started and found its place."""
        if not self.artifacts.exists(f"{model}/pipeline.yaml"):
            self.has_pipeline(model)
        self.drop(f"{model}/train/v{seed}.csv", csv_of(seed))
        newest = max(self.ledger.runs(model), key=lambda item: (str(item["started_at"]), str(item["run_id"])))
        return self.ledger.run(model, str(newest["run_id"]))

    def champion(
        self,
        run_id: str = "digits-champion0000",
        model: str = "digits",
        mode: str = "realtime",
        variant: str = "",
    ) -> Champion:
        """A champion that serves alone."""
        names = Names(PREFIX, model, run_id)
        kept = (run_id, names.full_config, names.sagemaker_model, "schema.json", "ab" * 32, mode)
        champion = Champion(*kept, variant)
        self.control.models[champion.sagemaker_model] = "s3://artifacts/model.tar.gz"
        self.control.configs[champion.config] = {champion.variant: (names.sagemaker_model, 100.0)}
        self.control.put_endpoint(names.endpoint, champion.config, {champion.variant: 100.0})
        self.ledger.set_champion(model, champion)
        return champion

    def uploads(self, model: str = "digits") -> list[Mapping[str, Any]]:
        return [dict(item) for item in self.ledger.uploads(model)]

    def states(self, model: str = "digits") -> list[str]:
        """What became of every upload, sorted."""
        return sorted(str(item["state"]) for item in self.ledger.uploads(model))

    def promote(self, run: Run) -> None:
        """A run whose dataset was prepared goes live, and is settled."""
        schema, digest = (
            f"{run.model}/prepared/{run.run_id}/schema.json",
            json.dumps({"artifact_sha256": "ab" * 32}),
        )
        self.artifacts.write(f"{run.model}/evaluations/{run.run_id}/evaluation.json", digest.encode())
        assert self.artifacts.exists(schema)
        self.settle_run.ended(run, self.executions.succeeds(run.run_id, "PROMOTED"))

    def state(self, run: Run) -> RunState | None:
        return self.ledger.state(run.model, run.run_id)

"""Every use case over fakes, joined as runtime.wiring joins them over adapters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from switchyard.batch.admit_batch import Batching, BatchSettling, BatchSweeping
from switchyard.batch.compare_drop import Pairing
from switchyard.batch.transform_drop import Predicting
from switchyard.closing.cleanup import Reaping
from switchyard.closing.retire_model import Retiring
from switchyard.closing.settle_run import Settling
from switchyard.closing.sweep import Sweeping
from switchyard.config.snapshot import Frozen
from switchyard.core.champion import Champion
from switchyard.core.decision_record import Closing
from switchyard.core.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.run import Run, RunState
from switchyard.core.waiting import Waiting
from switchyard.evaluation.model_registry import Registry
from switchyard.intake.admission import Admission
from switchyard.intake.check_dataset import Checking
from switchyard.intake.owner_code import Coding
from switchyard.intake.run_queue import Starting
from switchyard.rollout.guard_shift import Guarding
from switchyard.rollout.restore_champion import Restoring
from switchyard.rollout.set_champion import Returning
from switchyard.rollout.shift_traffic import RollingOut
from switchyard.spending.capacity import Capacity
from switchyard.spending.run_budget import Budgeting
from switchyard.spending.run_cost import Costing
from switchyard.training.prepare_dataset import Preparation
from switchyard.training.start_training import Training
from switchyard.triggers.retraining import Retraining
from tests.fakes.flow import FakeAlarms, FakeArrivals, FakeExecutions, FakeNotices, FakeTokens
from tests.fakes.pipelines import text
from tests.fakes.sagemaker import FakeControl
from tests.fakes.store import Clock, MemoryItems, MemoryStorage

PREFIX = "switchyard"
SOUND = "a,b,y\n" + "".join(f"{i},{i * 2},{i % 2}\n" for i in range(40))


def csv_of(seed: int, rows: int = 40) -> str:
    """A sound dataset, another one for every seed."""
    return "a,b,y\n" + "".join(f"{seed}.{i},{i * 3},{i % 2}\n" for i in range(rows))


@dataclass
class Rooms:
    """The whole house on one desk."""

    clock: Clock = field(default_factory=Clock)
    items: MemoryItems = field(default_factory=MemoryItems)
    control: FakeControl = field(default_factory=FakeControl)
    executions: FakeExecutions = field(default_factory=FakeExecutions)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    notices: FakeNotices = field(default_factory=FakeNotices)
    alarms: FakeAlarms = field(default_factory=FakeAlarms)
    arrivals: FakeArrivals = field(default_factory=FakeArrivals)
    limits: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = MemoryStorage("data", self.clock)
        self.artifacts = MemoryStorage("artifacts", self.clock)
        self.ledger = Ledger(self.items, self.clock)
        self.frozen = Frozen(self.artifacts)
        self.budgeting = Budgeting(self.ledger, self.artifacts, self.frozen, self.clock)
        self.closing = Closing(self.ledger, self.artifacts, self.notices, self.clock)
        self.costing = Costing(PREFIX, self.control, self.budgeting)
        self.starting = Starting(self.ledger, self.executions, self.frozen, self.budgeting, self.closing)
        checking, coding = Checking(self.data, self.frozen), Coding(self.artifacts)
        self.admission = Admission(self.ledger, self.data, self.artifacts, self.starting, checking, coding)
        self.retraining = Retraining(self.ledger, self.artifacts, self.admission, self.clock)
        self.capacity = Capacity(self.ledger, self.control, self.tokens, self.clock, self.limits)
        self.waiting = Waiting(self.ledger, self.control, self.tokens, self.capacity)
        self.preparation = Preparation(self.artifacts, self.frozen)
        self.training = Training(PREFIX, self.artifacts, self.control, self.frozen, self.waiting)
        self.restoring = Restoring(PREFIX, self.ledger, self.control, self.tokens, self.waiting)
        self.rolling_out = RollingOut(
            PREFIX, self.ledger, self.artifacts, self.control, self.frozen, self.waiting, self.clock
        )
        self.registry = Registry(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.frozen,
            self.waiting,
            self.tokens,
            self.clock,
        )
        self.batching = Batching(self.ledger, self.data, self.artifacts, self.frozen, self.executions)
        self.predicting = Predicting(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.frozen,
            self.waiting,
        )
        self.pairing = Pairing(self.ledger, self.data, self.artifacts, self.frozen)
        self.batch_settling = BatchSettling(PREFIX, self.ledger, self.control, self.executions, self.capacity)
        self.returning = Returning(self.ledger, self.artifacts, self.clock)
        self.settling = Settling(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.executions,
            self.starting,
            self.clock,
            self.closing,
            self.costing,
            self.capacity,
            self.alarms,
        )
        self.guarding = Guarding(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.alarms,
            self.frozen,
            self.waiting,
            60.0,
        )
        self.sweeping = Sweeping(
            PREFIX,
            self.ledger,
            self.artifacts,
            self.control,
            self.executions,
            self.starting,
            self.settling,
            Reaping(PREFIX, self.ledger, self.control, self.alarms),
            BatchSweeping(self.ledger, self.executions, self.arrivals, self.batch_settling),
            Retiring(PREFIX, self.ledger, self.artifacts, self.control, self.closing),
        )

    def has_pipeline(self, model: str = "digits", **parts: Any) -> None:
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
        self.control.configs[champion.config] = {champion.variant: (names.sagemaker_model, 100.0)}
        self.control.put_endpoint(names.endpoint, champion.config, {champion.variant: 100.0})
        self.ledger.crown(model, champion)
        return champion

    def uploads(self, model: str = "digits") -> list[Mapping[str, Any]]:
        return [dict(item) for item in self.ledger.uploads(model)]

    def states(self, model: str = "digits") -> list[str]:
        """What became of every upload, sorted."""
        return sorted(str(item["state"]) for item in self.ledger.uploads(model))

    def state(self, run: Run) -> RunState | None:
        return self.ledger.state(run.model, run.run_id)

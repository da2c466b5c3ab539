"""The whole cloud side in one process: the real handlers and state machines over fakes, played one event at a time.

Nothing happens by itself, and what takes time is the change of an endpoint and the wait for a look: `play()` delivers
what is due, lets SageMaker settle, wakes the looks, lets laps pass and sweeps, until nothing is left to do. An injector
(tests/fakes/faults.py) can strike at every effect.
"""

import importlib
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from switchyard.core.evidence import Block
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import EvidenceReader
from tests.fakes import handler_settings
from tests.fakes.asl import Execution, StatesError
from tests.fakes.executions import FakeExecutions
from tests.fakes.faults import Died, Faults
from tests.fakes.flow import FakeAlarms, FakeDeadLetters, FakeLogGroups, FakeReader
from tests.fakes.job_outputs import work_dataset, write_model, write_processed
from tests.fakes.messages import created, folder_of, message, run_of
from tests.fakes.metrics.traffic import Traffic
from tests.fakes.pipelines import text
from tests.fakes.sagemaker import FakeControl
from tests.fakes.store import Clock, MemoryItems, MemoryStorage
from tests.fakes.turns import MAX_TURNS, WINDOW, Event, Turns

handler_settings.set_up()  # handlers are imported when they are called

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:switchyard-"
CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="id"
)
ROWS = 150
GATE = {"minimum_rows": 10, "metrics": {"accuracy": {"margin": 0.2}}}


def dataset(seed: int) -> str:
    """Rows whose label is the parity of b."""
    return "a,b,y\n" + "".join(f"{seed}.{i},{i},{i % 2}\n" for i in range(ROWS))


@dataclass
class World(Turns, FakeExecutions):
    """State that survives any Lambda, and the means to play it on."""

    faults: Faults = field(default_factory=Faults)
    clock: Clock = field(default_factory=Clock)
    items: MemoryItems = field(default_factory=MemoryItems)
    control: FakeControl = field(default_factory=FakeControl)
    alarms: FakeAlarms = field(default_factory=FakeAlarms)
    bad_offline: set[int] = field(default_factory=set)
    bad_live: set[int] = field(default_factory=set)
    limits: str = ""
    large_megabytes: float = 0  # from which on a job reads a dataset; 0: none ever
    live_since: dict[str, float] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=Traffic)
    executions: dict[tuple[str, str], Execution] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    most_turns: int = MAX_TURNS

    def __post_init__(self) -> None:
        self.data = MemoryStorage("data", self.clock)
        self.artifacts = MemoryStorage("artifacts", self.clock)
        self.events: list[Event] = []
        self.dead_letters = FakeDeadLetters()
        self.log_groups = FakeLogGroups(["/aws/sagemaker/Endpoints/switchyard-digits"])
        self.looks: list[Mapping[str, Any]] = []
        self.seeds: dict[str, int] = {}
        self.people: list[Callable[[], bool]] = []  # each says whether it did something now
        self.control.trained = lambda uri: write_model(self.artifacts, uri)
        self.control.prepared = lambda source, output: write_processed(self.artifacts, source, output)
        self.control.dataset_read = lambda order: work_dataset(self.data, self.artifacts, order)
        self.control.transformed = self._transform
        self.control.changed = self._changed
        self.control.trips = lambda config: self._is_bad(run_of(config), self.bad_live)
        self.ledger = Ledger(self.items, self.clock)
        self.declare()

    def copy(self, faults: Faults) -> "World":
        """The same world, from here on on its own; for worlds in which nothing is under way."""
        twin = World(
            faults,
            Clock(self.clock.now),
            MemoryItems(deepcopy(self.items.rows)),
            self.control.copy(),
            deepcopy(self.alarms),
        )
        twin.take_over(self)
        return twin

    def take_over(self, other: "World") -> None:
        """What lies in the other's buckets, and what has run there."""
        self.limits, self.large_megabytes = other.limits, other.large_megabytes
        self.live_since, self.traffic = dict(other.live_since), Traffic(list(other.traffic.changes))
        self.bad_offline, self.bad_live = set(other.bad_offline), set(other.bad_live)
        self.data.objects.update(other.data.objects)
        self.artifacts.objects.update(other.artifacts.objects)
        self.executions.update(other.executions)

    # what people and services do

    def declare(self, rollout: Mapping[str, Any] = {}, **parts: Any) -> None:
        """The owner's pipeline.yaml; it counts from the next dataset on."""
        patient = {"deadline_seconds": 864000.0, **rollout}
        written = {"evaluation": GATE, "rollout": patient, **parts}
        self.artifacts.write("digits/pipeline.yaml", text(**written).encode())

    def upload(self, seed: int) -> None:
        """A dataset arrives; its event is queued."""
        self.clock.pass_(1)
        key = f"digits/train/v{seed}.csv"
        self.data.write(key, dataset(seed).encode())
        self.events.append(Event("admit_dataset", created(key, self.clock())))

    def ask(self, identity: str = "1") -> None:
        """Somebody wants the newest data trained on again; the request is queued."""
        self.clock.pass_(1)
        self.send({"model": "digits", "cause": "by hand", "identity": identity, "always": True})

    def drop_batch(self, seed: int, rows: int = 20) -> None:
        """Rows without labels arrive; their event is queued."""
        self.clock.pass_(1)
        key = f"digits/batch/v{seed}.csv"
        self.data.write(key, b"a,b\n" + "".join(f"{seed}.{i},{i}\n" for i in range(rows)).encode())
        self.arrive(key)

    def label_batch(self, seed: int, rows: int) -> None:
        """What was true of a drop's first rows becomes known; the file's event is queued."""
        self.clock.pass_(1)
        key = f"digits/labels/v{seed}.jsonl"
        lines = (json.dumps({"inferenceId": f"v{seed}.csv#{i + 1}", "label": i % 2}) for i in range(rows))
        self.data.write(key, "\n".join(lines).encode())
        self.events.append(Event("score_labels", created(key)))

    def arrive(self, key: str) -> None:
        """An S3 event in the queue of batch drops."""
        self.events.append(Event("admit_batch", created(key, self.clock())))

    def abort(self) -> None:
        """An operator stops the retrain execution that is under way."""
        for (machine, _), execution in self.executions.items():
            if machine in ("retrain", "transform") and execution.status == "RUNNING":
                execution.abort()
                self._announce(execution)

    def _transform(self, model: str, source: str, output: str) -> None:
        """Every file of the source through one model, a line a row; of batch drops as the model does live."""
        variant = model.removeprefix("switchyard-")
        among = self.bad_live if "/batches/" in source else self.bad_offline
        for item in self.artifacts.list(self.artifacts.key_of(source)):
            lines = self.artifacts.read(item.key).decode().splitlines()
            body = "".join(f"{self._answer(variant, line, among)[0]}\n" for line in lines)
            name = item.key.rsplit("/", 1)[-1]
            self.artifacts.write(f"{self.artifacts.key_of(output).rstrip('/')}/{name}.out", body.encode())

    def read_items(self, key: str) -> Any:
        """What a Distributed Map's ItemReader finds."""
        return json.loads(self.artifacts.read(key))

    def _changed(self, resource: str) -> None:
        kind, name = resource.split("/", 1)
        names = importlib.import_module("job_changed.handler").NAMES
        which = {kind: field for field, kind in names.items()}[kind]
        self.events.append(Event("job_changed", {"detail": {which: name}}))

    def _announce(self, execution: Execution) -> None:
        if execution.machine == "rollout":
            return
        detail = {"stateMachineArn": f"{ARN}{execution.machine}", "input": json.dumps(execution.document)}
        self.events.append(Event("settle_run", {"detail": {**detail, "status": execution.status}}))

    # ports that reach back into the world

    def schedule(self, model: str, run_id: str, lap: str) -> None:
        self.looks.append({"model": model, "run_id": run_id, "lap": lap})

    def send(self, request: Mapping[str, Any]) -> None:
        self.events.append(Event("admit_dataset", message("r", {"retrain": dict(request)})))

    def join_labels(self, window: Mapping[str, Any]) -> None:
        self.events.append(Event("score_labels", message("j", {"join": dict(window)})))

    def postpone(self, _: str | Mapping[str, Any]) -> None:
        """The message comes back by itself."""

    def blocks(self, champion: str, challenger: str, since: float, until: float, stage: int) -> list[Block]:
        """A minute's traffic of each model at the end of what is asked for, from when it serves. After a swap the
        champion's is its history.
        """
        if until - WINDOW < self.live_since.get(challenger, 0.0):
            return []
        weights = self.traffic.at(until - WINDOW)
        share = weights[challenger] / 100 if len(weights) > 1 else (0.10, 0.25, 0.50)[stage]
        n1 = int(200_000 * share)
        s1 = n1 // 5 if self._is_bad(challenger, self.bad_live) else 0
        return [Block("errors", str(int(until)), stage, 200_000 - n1, 0, n1, s1)]

    def evidence(self) -> EvidenceReader:
        return FakeReader(self.blocks, is_late=False)

    def prediction(self, variant: str, row: str) -> tuple[float, ...]:
        return self._answer(variant, row, self.bad_offline)

    def _answer(self, variant: str, row: str, bad: set[int]) -> tuple[float, ...]:
        right = int(row.split(",")[1]) % 2
        wrong = self._is_bad(variant, bad)
        return (0.99,) if right != wrong else (0.01,)

    def _is_bad(self, run_id: str, among: set[int]) -> bool:
        if run_id not in self.seeds:  # asked for every row that is predicted
            manifest = self.artifacts.read(f"{self.ledger.run('digits', run_id).snapshot}manifest.json")
            source = str(json.loads(manifest)["source"])
            self.seeds[run_id] = int(source.rsplit("/v", 1)[1].removesuffix(".csv"))
        return self.seeds[run_id] in among

    # Lambdas

    def invoke(self, function: str, payload: Mapping[str, Any]) -> Any:
        """What a state machine asks for; the errors as Step Functions names them."""
        name = folder_of(function.rsplit(":", 1)[-1])
        try:
            return self.handle(name, payload)
        except Died:
            raise StatesError("Sandbox.Timedout", "Task timed out after 60.00 seconds") from None
        except Exception as error:
            said = {"errorType": type(error).__name__, "errorMessage": str(error)}
            raise StatesError(type(error).__name__, json.dumps(said)) from error

    def handle(self, name: str, document: Mapping[str, Any]) -> Any:
        handler = importlib.import_module(f"{name}.handler").handler
        again = self.faults.invoked(name)
        answer = handler(json.loads(json.dumps(document)), CONTEXT)
        if again:
            answer = handler(json.loads(json.dumps(document)), CONTEXT)
        return json.loads(json.dumps(answer))

    # what there is to see

    def drops(self) -> list[dict[str, Any]]:
        """Uploads of rows: a label file that was given up is on record as well."""
        return [dict(u) for u in self.ledger.uploads("digits") if str(u["source"]).endswith(".csv")]

    def states(self) -> dict[int, str]:
        """What became of each upload, by seed, and of the run that was asked for by hand, as 0."""
        runs = {r["source"]: str(r["state"]) for r in self.ledger.runs("digits")}
        asked = [state for source, state in runs.items() if source in ("by hand", "schedule")]
        return dict.fromkeys([0] * len(asked), "".join(asked)) | {
            int(str(u["source"]).rsplit("/v", 1)[1].removesuffix(".csv")): str(u["state"])
            for u in self.drops()
        }

    def story(self) -> dict[str, Any]:
        """Everything that a failed test wants to know."""
        running = {key: (e.status, e.states[-4:]) for key, e in self.executions.items()}
        return {"states": self.states(), "executions": running, "endpoints": self.control.endpoints}

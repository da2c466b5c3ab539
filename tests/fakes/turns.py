"""The turns in which a world is played: whose it is, what happens then, and whether that was anything."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from switchyard.aws.retries import DELAYS_SECONDS
from switchyard.core.ledger.ledger import Ledger
from tests.fakes.asl import Execution, StatesError
from tests.fakes.faults import Died, Faults
from tests.fakes.flow import FakeDeadLetters
from tests.fakes.metrics.traffic import Traffic
from tests.fakes.sagemaker import CHANGING, FakeControl
from tests.fakes.store import Clock

ENDPOINT = "switchyard-digits"
WINDOW = 60.0
CHANGE_SECONDS = 720.0  # what UpdateEndpoint takes: a whole new fleet, its images and its pings
MAX_TURNS = 400
RECEIVED = len(DELAYS_SECONDS) + 1  # as often as the template's queues give a message out
QUEUED = ("admit_dataset", "admit_batch", "score_labels")


@dataclass
class Event:
    """Something that a Lambda will be invoked for; `left`: how often it may still be tried: by its queue, else as often
    as Lambda tries what comes from EventBridge.
    """

    function: str
    document: Mapping[str, Any]
    left: int = 0

    def __post_init__(self) -> None:
        self.left = self.left or (RECEIVED if self.function in QUEUED else 3)

    def __str__(self) -> str:
        return self.function


class Turns(ABC):
    """Of a world that has what is named here, and that handles events, announces ends and tells its story."""

    faults: Faults
    clock: Clock
    control: FakeControl
    traffic: Traffic
    executions: dict[tuple[str, str], Execution]
    answers: dict[str, Any]
    live_since: dict[str, float]
    events: list[Event]
    looks: list[Mapping[str, Any]]
    people: list[Callable[[], bool]]
    dead_letters: FakeDeadLetters
    ledger: Ledger
    most_turns: int

    @abstractmethod
    def handle(self, name: str, document: Mapping[str, Any]) -> Any: ...

    @abstractmethod
    def abort(self) -> None: ...

    @abstractmethod
    def story(self) -> dict[str, Any]: ...

    @abstractmethod
    def _announce(self, execution: Execution) -> None: ...

    def pause(self) -> None:
        """While Step Functions waits before a retry, SageMaker goes on."""
        self.clock.pass_(5)
        self._settle()

    def _settle(self) -> bool:
        """SageMaker brings every change to its end."""
        self._wait_for_changes()
        is_news = self.control.settle()
        for variant in self.control.live(ENDPOINT) if ENDPOINT in self.control.endpoints else ():
            self.live_since.setdefault(variant, self.clock())
        self.note_traffic()
        return is_news

    def note_traffic(self) -> None:
        self.traffic.note(
            self.control.live(ENDPOINT) if ENDPOINT in self.control.endpoints else {}, self.clock()
        )

    def _wait_for_changes(self) -> None:
        if self._is_changing():
            self.clock.pass_(CHANGE_SECONDS)

    def _is_changing(self) -> bool:
        return any(each["EndpointStatus"] in CHANGING for each in self.control.endpoints.values())

    def play(self) -> None:
        """Until nothing is left to do."""
        turns = (*self.people, *self._turns())
        for _ in range(self.most_turns):
            if not any(turn() for turn in turns):
                return
        raise AssertionError(f"still not quiet after {self.most_turns} turns: {self.story()}")

    def _turns(self) -> tuple[Callable[[], bool], ...]:
        """What may happen next, in this order; each says whether it did."""
        return (self._go_on, self._deliver, self._settle, self._look, self._lap, self._sweep)

    def _go_on(self) -> bool:
        for execution in list(self.executions.values()):
            if execution.status == "RUNNING" and self._step(execution):
                if execution.status != "RUNNING":
                    self._announce(execution)
                self.faults.entered(self, execution)
                return True
        return False

    def _step(self, execution: Execution) -> bool:
        waiting = execution.waiting
        if waiting is None:
            execution.go_on()
        elif waiting.child is not None:
            if waiting.child.status == "RUNNING":
                return False
            execution.go_on()
        elif waiting.token in self.answers:
            answer = self.answers[waiting.token]
            execution.go_on(error=answer) if isinstance(answer, StatesError) else execution.go_on(answer)
        else:
            return False
        return True

    def _deliver(self) -> bool:
        if not self.events:
            return False
        event = self.events.pop(0)
        # "Best effort" delivery is SageMaker's; what waits in a queue is durable.
        times = self.faults.arrivals(event.function)
        for _ in range(max(times, 1) if event.function in QUEUED else times):
            self._try(event)
        return True

    def _try(self, event: Event) -> None:
        try:
            answer = self.handle(event.function, event.document)
            failed = bool(answer) and bool(answer.get("batchItemFailures"))
        except (Died, Exception):
            failed = True
        if failed and event.left > 1:
            self.events.append(Event(event.function, event.document, event.left - 1))
        elif failed and event.function in QUEUED:
            self.dead_letters.bodies += [record["body"] for record in event.document["Records"]]

    def _look(self) -> bool:
        if not self.looks:
            return False
        self.clock.pass_(WINDOW)
        body = self.looks.pop(0)
        record = {"messageId": "m", "receiptHandle": "r", "body": json.dumps(body)}
        try:
            answer = self.handle("judge_window", {"Records": [record]})
            again = bool(answer["batchItemFailures"])
        except (Died, Exception):
            again = True
        if again:
            self.looks.append(body)
        return True

    def _lap(self, machine: str = "") -> bool:
        if any(pool.waiters for pool in self.ledger.pools().values()) and self._sweep():
            return True  # the sweep comes several times within the shortest lap
        for execution in self.executions.values():
            if (
                machine in ("", execution.machine)
                and execution.status == "RUNNING"
                and execution.waiting
                and execution.waiting.token
            ):
                self.clock.pass_(3600)
                execution.go_on(error=StatesError("States.Timeout"))
                if execution.status != "RUNNING":
                    self._announce(execution)
                return True
        return False

    def _sweep(self) -> bool:
        self.clock.pass_(900)
        before = len(self.executions)
        try:
            is_done = bool(self.handle("sweep", {})["done"])
            has_begun = len(self.executions) > before  # what waited may have started
            return is_done or self._is_changing() or has_begun
        except (Died, Exception):
            return True

"""In-memory fulfilments of what remains of the ports: executions, tokens, looks, evidence, predictions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from switchyard.core.evidence import Block, Reading
from switchyard.core.pipeline import Scaling
from switchyard.core.ports import DeadLetter, Execution, Watched
from switchyard.core.resources.answers import USUAL, Reader
from switchyard.core.resources.guardrails import Alarm
from switchyard.core.resources.notice import FIRST_LINE, MOST_BYTES
from switchyard.core.resources.scaling import Policy, ScalableTarget, policy_names
from tests.fakes.sagemaker import FakeControl


@dataclass
class FakeExecutions:
    """Executions by name; a name is used once. Nothing runs: `ends` says how one ended."""

    retrains: dict[str, Execution] = field(default_factory=dict)
    restores: dict[str, Execution] = field(default_factory=dict)
    transforms: dict[str, Execution] = field(default_factory=dict)
    inputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def start_retrain(self, run_id: str, payload: Mapping[str, Any]) -> None:
        self._start(self.retrains, run_id, payload)

    def start_restore(self, name: str, payload: Mapping[str, Any]) -> None:
        self._start(self.restores, name, payload)

    def start_transform(self, name: str, payload: Mapping[str, Any]) -> None:
        self._start(self.transforms, name, payload)

    def stop_retrain(self, run_id: str, cause: str) -> None:
        self.breaks(run_id, "ABORTED", cause)

    def transform_status(self, name: str) -> Execution | None:
        return self.transforms.get(name)

    def retrain_status(self, run_id: str) -> Execution | None:
        return self.retrains.get(run_id)

    def restore_status(self, name: str) -> Execution | None:
        return self.restores.get(name)

    def _start(self, among: dict[str, Execution], name: str, payload: Mapping[str, Any]) -> None:
        self.inputs.setdefault(name, payload)
        among.setdefault(name, Execution("RUNNING", {}, ""))

    def succeeds(self, run_id: str, state: str, reason: str = "because") -> Execution:
        output = {"outcome": {"state": state, "reason": reason}}
        self.retrains[run_id] = Execution("SUCCEEDED", output, "")
        return self.retrains[run_id]

    def breaks(self, run_id: str, status: str = "FAILED", reason: str = "") -> Execution:
        self.retrains[run_id] = Execution(status, {}, reason)
        return self.retrains[run_id]

    @property
    def running(self) -> list[str]:
        return [name for name, e in self.retrains.items() if e.status == "RUNNING"]


@dataclass
class FakeArrivals:
    """Keys that are to be looked at once more."""

    sent: list[str] = field(default_factory=list)

    def send(self, body: Mapping[str, Any]) -> None:
        self.sent.append(body["object"]["key"])


@dataclass
class FakeDeadLetters:
    """Bodies of messages that were given up."""

    bodies: list[str] = field(default_factory=list)

    def receive(self) -> DeadLetter | None:
        return DeadLetter(self.bodies[0], self.bodies[0]) if self.bodies else None

    def delete(self, receipt: str) -> None:
        self.bodies.remove(receipt)


@dataclass
class FakeLogGroups:
    """Names of groups without an end."""

    names: list[str] = field(default_factory=list)

    def endless(self, prefix: str) -> list[str]:
        return [name for name in self.names if name.startswith(prefix)]

    def expire(self, name: str, _days: int) -> None:
        """However often it is said."""
        self.names = [each for each in self.names if each != name]


@dataclass
class FakeTokens:
    """Answers in order: (token, output) or (token, error, cause)."""

    answers: list[tuple[Any, ...]] = field(default_factory=list)

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self.answers.append((token, dict(output)))

    def fail(self, token: str, error: str, cause: str) -> None:
        self.answers.append((token, error, cause))


@dataclass
class FakeAlarms:
    """Alarms by name."""

    made: dict[str, Alarm] = field(default_factory=dict)

    def put(self, alarm: Alarm) -> None:
        self.made[alarm.name] = alarm

    def names(self, prefix: str) -> list[str]:
        return [name for name in self.made if name.startswith(prefix)]

    def delete(self, name: str) -> None:
        self.made.pop(name, None)


@dataclass
class FakeAutoscaling:
    """Nothing scales by itself; `control` refuses what AWS refuses while a target is registered."""

    control: FakeControl
    prefix: str = "switchyard"

    def targets(self, endpoint: str) -> list[ScalableTarget]:
        return [target for (name, _), target in self.control.targets.items() if name == endpoint]

    def keep(self, endpoint: str, variant: str, mode: str, scaling: Scaling) -> None:
        times = (scaling.scale_in_seconds, scaling.scale_out_seconds)
        names = policy_names(self.prefix, mode, scaling)
        policies = tuple(Policy(name, scaling.target, *times) for name in names)
        made = ScalableTarget(variant, scaling.minimum, scaling.maximum, policies)
        self.control.targets[endpoint, variant] = made

    def release(self, endpoint: str, variant: str) -> None:
        self.control.targets.pop((endpoint, variant), None)


@dataclass
class FakeNotices:
    """What people were told: (subject, text), each as a phone shows it well."""

    told: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, subject: str, text: str) -> None:
        first, _, rest = text.partition("\n")
        assert subject.isascii(), (
            subject
        )  # "Subjects must be ASCII text", "less than 100 characters long" (SNS Publish)
        assert 0 < len(subject) < 100
        assert subject.isprintable(), subject
        assert 0 < len(first) <= FIRST_LINE, first
        assert subject not in first, "the first line says again what the subject says"
        assert len(text.encode()) <= MOST_BYTES, len(text)
        assert all(line.strip() for line in rest.splitlines()), text
        self.told.append((subject, text))


@dataclass
class FakeLooks:
    """Looks that were asked for, and receipts that were put off."""

    scheduled: list[tuple[str, str, str]] = field(default_factory=list)
    postponed: list[str] = field(default_factory=list)

    def schedule(self, model: str, run_id: str, lap: str) -> None:
        self.scheduled.append((model, run_id, lap))

    def postpone(self, receipt: str) -> None:
        self.postponed.append(receipt)


@dataclass
class FakeReader:
    """Evidence as a function of (champion, challenger, since, until, stage). is_late: more of it may still come."""

    give: Callable[[str, str, float, float, int], list[Block]]
    is_late: bool = True
    asked: list[tuple[float, float, int]] = field(default_factory=list)

    def read(
        self, watched: Watched, since: float, until: float, stage: int, patience: float = 0.0
    ) -> Reading:
        self.asked.append((since, until, stage))
        blocks = self.give(watched.champion, watched.challenger, since, until, stage)
        return Reading(tuple(blocks), (), max(since, until - patience * self.is_late))


@dataclass
class FakeScorer:
    """Predictions by variant: a function of one CSV line."""

    give: Callable[[str, str], tuple[float, ...]]

    def predict(
        self, endpoint: str, variant: str, rows: Sequence[str], reader: Reader = USUAL
    ) -> list[tuple[float, ...]]:
        return [self.give(variant, row) for row in rows]

    def predict_record(
        self, endpoint: str, variant: str, body: bytes, content_type: str, reader: Reader = USUAL
    ) -> tuple[float, ...]:
        return self.give(variant, f"{content_type} {body!r}")

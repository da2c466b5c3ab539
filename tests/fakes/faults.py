"""Strikes at chosen moments: a Lambda dies before or after an effect, a call is throttled or sent twice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.fakes.world import World

# What changes something outside of the Lambda, by port.
EFFECTS = {
    "items": ("put", "update", "delete"),
    "artifacts": ("write", "upload", "copy_from"),
    "control": (
        "ensure_training",
        "stop_training",
        "ensure_transform",
        "stop_transform",
        "ensure_model",
        "ensure_config",
        "ensure_endpoint",
        "set_weights",
        "delete_endpoint",
        "ensure_package",
    ),
    "alarms": ("put", "delete"),
    "autoscaling": ("keep", "release"),
    "dead_letters": ("delete",),
    "log_groups": ("expire",),
    "batch_arrivals": ("send",),
    "flow": (
        "start_retrain",
        "stop_retrain",
        "start_restore",
        "start_transform",
        "succeed",
        "fail",
        "schedule",
        "send",
    ),
}
EFFECT_MODES = ("before", "after", "throttled", "repeated")
MODES = (*EFFECT_MODES, "twice", "lost", "aborted")


class Died(BaseException):
    """The Lambda's process is gone: no `except Exception` sees it."""


@dataclass
class Faults:
    """`strikes`: (mode, moment); moments of each kind are counted from 0, each strike happens once.

    Modes at an effect: before, after (the Lambda dies), throttled, repeated (the answer was lost, the SDK sent it
    twice). At an invocation: twice. At an event: lost. After a step of a state machine: aborted.
    """

    strikes: frozenset[tuple[str, int]] = frozenset()
    effects: int = 0
    invocations: int = 0
    events: int = 0
    steps: int = 0
    struck: list[str] = field(default_factory=list)
    before_call: Callable[[], None] | None = (
        None  # several workers take turns here: tests/fakes/interleave.py
    )

    def around(self, port: str, target: Any) -> Any:
        """The port, with this injector at each of its effects."""
        return _Struck(self, port, target)

    def effect(self, name: str, call: Callable[[], Any]) -> Any:
        number, self.effects = self.effects, self.effects + 1
        mode = next((mode for mode in EFFECT_MODES if self._strikes(mode, number, name)), "")
        if mode == "throttled":
            code = {"Code": "ThrottlingException", "Message": "Rate exceeded"}
            raise ClientError({"Error": code, "ResponseMetadata": {"HTTPStatusCode": 400}}, name)  # type: ignore[typeddict-item]
        if mode == "before":
            raise Died
        answer = call()
        if mode == "after":
            raise Died
        return call() if mode == "repeated" else answer

    def invoked(self, name: str) -> bool:
        """True when this invocation is to be made once more."""
        number, self.invocations = self.invocations, self.invocations + 1
        return self._strikes("twice", number, name)

    def loses(self, name: str) -> bool:
        """True when this event never arrives."""
        number, self.events = self.events, self.events + 1
        return self._strikes("lost", number, name)

    def entered(self, world: "World") -> None:
        """An execution went a step: an operator may stop the run here."""
        number, self.steps = self.steps, self.steps + 1
        if self._strikes("aborted", number, "the run"):
            world.abort()

    def moments(self, mode: str) -> int:
        """How many moments there were at which this mode could strike."""
        return {"twice": self.invocations, "lost": self.events, "aborted": self.steps}.get(mode, self.effects)

    def _strikes(self, mode: str, number: int, name: str) -> bool:
        if (mode, number) not in self.strikes:
            return False
        self.struck.append(f"{mode} {name}")
        return True


class _Struck:
    def __init__(self, faults: Faults, port: str, target: Any) -> None:
        self._faults, self._port, self._target = faults, port, target

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._target, name)
        if name not in EFFECTS[self._port] and not (self._faults.before_call and callable(real)):
            return real

        def call(*arguments: Any, **named: Any) -> Any:
            if self._faults.before_call:
                self._faults.before_call()
            if name not in EFFECTS[self._port]:
                return real(*arguments, **named)
            return self._faults.effect(f"{self._port}.{name}", lambda: real(*arguments, **named))

        return call

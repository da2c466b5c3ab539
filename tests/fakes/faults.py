"""Strikes at chosen moments: a Lambda dies before or after an effect, a call is throttled, not answered or sent twice,
a read breaks off or is out of date.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    IncompleteReadError,
    ReadTimeoutError,
)

if TYPE_CHECKING:
    from tests.fakes.asl import Execution
    from tests.fakes.turns import Turns

# What changes something outside of the Lambda, by port.
EFFECTS = {
    "items": ("put", "update", "delete", "write"),
    "artifacts": ("write", "upload", "copy_from"),
    "control": (
        "ensure_training",
        "stop_training",
        "ensure_transform",
        "stop_transform",
        "ensure_processing",
        "stop_processing",
        "ensure_tuning",
        "stop_tuning",
        "ensure_model",
        "ensure_config",
        "ensure_endpoint",
        "set_weights",
        "delete_endpoint",
        "delete_config",
        "delete_model",
        "ensure_package",
    ),
    "alarms": ("put", "delete"),
    "autoscaling": ("keep", "release"),
    "dead_letters": ("delete",),
    "log_groups": ("expire",),
    "notices": ("tell",),
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
# What asks, by port; of SageMaker's answers some may be older than the last change.
VIEWS = (
    "describe_training",
    "describe_tuning",
    "describe_processing",
    "describe_transform",
    "describe_endpoint",
    "describe_package",
)
READS = {
    "items": ("get", "get_all", "query"),
    "artifacts": ("list", "folders", "read", "exists", "sha256"),
    "control": (*VIEWS, "list_configs", "list_models", "list_endpoints", "tuning_jobs"),
    "flow": ("retrain_status", "restore_status", "transform_status"),
}
EFFECT_MODES = ("before", "after", "throttled", "repeated", "hung", "refused")
READ_MODES = ("cut", "stale")
EVENT_MODES = ("lost", "doubled")
MODES = (*EFFECT_MODES, *READ_MODES, *EVENT_MODES, "twice", "aborted")
# At which moments a mode may strike.
MOMENTS = dict.fromkeys(EFFECT_MODES, "effect") | dict.fromkeys(EVENT_MODES, "event")
MOMENTS |= {"cut": "read", "stale": "view", "twice": "invocation", "aborted": "step"}
NOWHERE = "https://nowhere.amazonaws.com"


class Died(BaseException):
    """The Lambda's process is gone: no `except Exception` sees it."""


@dataclass
class Faults:
    """`strikes`: (mode, moment); moments of each kind are counted from 0, each strike happens once.

    Modes at an effect: before, after (the Lambda dies), throttled, repeated (the answer was lost, the SDK sent it
    twice), hung (it is done, and no answer comes in time), refused (no connection). At a read: cut (half an answer, or
    the first page only), stale (of SageMaker: what the same question was answered before). At an invocation: twice.
    At an event: lost, doubled. After a step of a state machine: aborted.
    """

    strikes: frozenset[tuple[str, int]] = frozenset()
    met: dict[str, list[str]] = field(default_factory=lambda: {each: [] for each in set(MOMENTS.values())})
    struck: list[str] = field(default_factory=list)
    answered: dict[str, Any] = field(default_factory=dict)
    # Several workers take turns here: tests/fakes/interleave.py.
    before_call: Callable[[], None] | None = None

    def around(self, port: str, target: Any) -> Any:
        """The port, with this injector at each of its effects."""
        return _Struck(self, port, target)

    def effect(self, name: str, call: Callable[[], Any]) -> Any:
        number = self._meet("effect", name)
        mode = next((mode for mode in EFFECT_MODES if self._strikes(mode, number, name)), "")
        if mode == "throttled":
            code = {"Code": "ThrottlingException", "Message": "Rate exceeded"}
            raise ClientError({"Error": code, "ResponseMetadata": {"HTTPStatusCode": 400}}, name)  # type: ignore[typeddict-item]
        if mode == "before":
            raise Died
        if mode == "refused":
            raise EndpointConnectionError(endpoint_url=NOWHERE)
        answer = call()
        if mode == "after":
            raise Died
        if mode == "hung":
            raise ReadTimeoutError(endpoint_url=NOWHERE)
        return call() if mode == "repeated" else answer

    def read(self, name: str, call: Callable[[], Any]) -> Any:
        number = self._meet("read", name)
        if self._strikes("cut", number, name):
            raise IncompleteReadError(actual_bytes=1, expected_bytes=2)
        return call()

    def view(self, name: str, asked: str, call: Callable[[], Any]) -> Any:
        """asked: the question, by which its last answer is known; before the first one nothing can be out of date."""
        number = self._meet("view", name)
        is_stale = self._strikes("stale", number, name) and asked in self.answered
        answer = self.answered[asked] if is_stale else self.read(name, call)
        if any(mode == "stale" for mode, _ in self.strikes):
            self.answered[asked] = deepcopy(answer)
        return answer

    def invoked(self, name: str) -> bool:
        """True when this invocation is to be made once more."""
        number = self._meet("invocation", name)
        return self._strikes("twice", number, name)

    def arrivals(self, name: str) -> int:
        """How often this event arrives."""
        number = self._meet("event", name)
        if self._strikes("lost", number, name):
            return 0
        return 2 if self._strikes("doubled", number, name) else 1

    def entered(self, world: "Turns", execution: "Execution") -> None:
        """An execution went a step: an operator may stop the run here."""
        number = self._meet("step", f"{execution.machine} {execution.states[-1]}")
        if self._strikes("aborted", number, "the run"):
            world.abort()

    def moments(self, mode: str) -> int:
        """How many moments there were at which this mode could strike."""
        return len(self.kinds(mode))

    def kinds(self, mode: str) -> list[str]:
        """What was about to happen at each of them: an effect, a read, an invocation, an event, a state."""
        return self.met[MOMENTS[mode]]

    def _meet(self, moment: str, name: str) -> int:
        """The number of this moment among its like."""
        self.met[moment].append(name)
        return len(self.met[moment]) - 1

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
        is_effect, is_read = name in EFFECTS[self._port], name in READS.get(self._port, ())
        if not (is_effect or is_read or (self._faults.before_call and callable(real))):
            return real

        def call(*arguments: Any, **named: Any) -> Any:
            if self._faults.before_call:
                self._faults.before_call()
            said, asked = f"{self._port}.{name}", partial(real, *arguments, **named)
            if is_effect:
                return self._faults.effect(said, asked)
            if self._port == "control" and name in VIEWS:
                return self._faults.view(said, f"{name} {arguments}", asked)
            return self._faults.read(said, asked) if is_read else asked()

        return call

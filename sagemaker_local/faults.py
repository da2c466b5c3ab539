"""Faults by script: what a test of a client wants to see the service do wrong, at will and as often as it says.

A rule says what goes wrong (`fault`), where (`operation`, `job` or `endpoint`, with `*` and `?` as in file names),
and how often (`times`; left out: always). Rules are not kept in the store: a plane starts with those of its
`--faults` files, and `PUT /_local/faults` replaces them.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase

from sagemaker_local.fault_rules import Fault
from sagemaker_local.store import Document, Transaction
from sagemaker_local.weather import Weather
from sagemaker_local.wire.errors import AnswerLostError, ServiceError, limit_exceeded, validation
from sagemaker_local.wire.model import operation_model

ADVICE = "Please use AWS Service Quotas to request an increase for this quota."


@dataclass
class _Rule:
    fault: Fault
    taken: int = 0

    @property
    def is_over(self) -> bool:
        return self.fault.times is not None and self.taken >= self.fault.times

    def matches(self, kind: str, target: str, text: str, name: str) -> bool:
        """Whether it says something of this; the case of a name does not matter, as ARNs have none."""
        fault = self.fault
        if self.is_over or (fault.fault, fault.target) != (kind, target):
            return False
        return fnmatchcase(text.lower(), fault.pattern.lower()) and fnmatchcase(
            name.lower(), fault.name.lower()
        )


class Faults:
    """The rules that hold now. Safe to ask from the event loop and from the store's thread."""

    def __init__(self, rules: Sequence[Fault] = (), weather: Weather | None = None) -> None:
        self._weather = weather or Weather()
        self._lock = threading.Lock()
        self._changed = asyncio.Event()
        self.replace(rules)

    def replace(self, rules: Sequence[Fault]) -> None:
        """Only these from now on; what is stuck looks again."""
        with self._lock:
            self._rules = [_Rule(fault) for fault in rules]
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def are_any(self) -> bool:
        return bool(self._rules)

    def shown(self) -> list[Document]:
        """The rules, each with how often it was taken."""
        with self._lock:
            return [asdict(rule.fault) | {"taken": rule.taken} for rule in self._rules]

    async def before(self, operation: str, request: Document) -> None:
        """What happens in an operation's place or before it. Raises ServiceError."""
        name = resource_name(operation, request)
        if slow := self._take("slow", "operation", operation, name):
            await asyncio.sleep(slow.seconds)
        unseen = self._weather.misses(operation, request)
        if unseen or self._take("not-yet-visible", "operation", operation, name):
            raise validation(f"Could not find what {operation} of '{unseen or name}' refers to.")
        if self._take("throttle", "operation", operation, name) or self._weather.is_throttled():
            raise ServiceError("ThrottlingException", "Rate exceeded")
        if failure := self._take("fail", "operation", operation, name):
            raise ServiceError("InternalFailure", failure.reason, 500)

    def after(self, operation: str, request: Document) -> None:
        """Raises AnswerLostError when nobody is to hear of it."""
        self._weather.made(operation, request)
        if self._take("lost-answer", "operation", operation, resource_name(operation, request)):
            raise AnswerLostError

    def check_quota(self, transaction: Transaction, operation: str, request: Document) -> None:
        """Raises ResourceLimitExceeded; in the operation's own transaction, so that no two slip through."""
        rule = self._find("quota", "operation", operation, resource_name(operation, request))
        if rule is None:
            return
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", operation.removeprefix("Create")).lower()
        open_ones = ("InProgress", "Stopping") if kind.endswith("-job") else ()
        used, limit = len(transaction.every(kind, *open_ones)), rule.fault.limit
        if used >= limit:
            self._take("quota", "operation", operation, resource_name(operation, request))
            raise limit_exceeded(quota_name(kind, request), limit, used, 1, ADVICE)

    async def while_stuck(self, name: str, target: str = "endpoint") -> None:
        """Returns when no rule holds this endpoint, or this job, any more."""
        while self._find("stuck", target, name) is not None:
            await self._changed.wait()

    def takes_back(self, endpoint: str) -> bool:
        """Whether an update of this endpoint falls back in silence."""
        return self._take("silent-rollback", "endpoint", endpoint) is not None

    def has_capacity(self, instance_type: str) -> bool:
        """Whether a training job gets instances of this type now."""
        return self._take("no-capacity", "instance_type", instance_type) is None

    def maintenance_of(self, endpoint: str) -> float:
        """Seconds for which it is SystemUpdating now; 0 for none."""
        rule = self._take("maintenance", "endpoint", endpoint)
        return rule.seconds if rule else 0.0

    async def at_start(self, target: str, name: str) -> Fault | None:
        """Before a program of a job or an endpoint starts; the rule by which it fails, if one says so."""
        if slow := self._take("slow", target, name):
            await asyncio.sleep(slow.seconds)
        if target == "job":
            await asyncio.sleep(self._weather.job_seconds())
            await self.while_stuck(name, target)
        return self._take("fail", target, name)

    async def at_variant(self, endpoint: str, variant: str, *, is_up: bool) -> Fault | None:
        """Before a container is asked; the rule by which it fails, or is killed, if one says so. is_up: it can be."""
        if slow := self._take("slow", "variant", variant, endpoint):
            await asyncio.sleep(slow.seconds)
        killed = self._take("kill", "variant", variant, endpoint) if is_up else None
        return killed or self._take("fail", "variant", variant, endpoint)

    def deliveries(self, entry: Document) -> list[float]:
        """After how many seconds an event is sent: not at all, once, or twice."""
        return self._weather.deliveries() if self._is_told(entry) else []

    def _is_told(self, entry: Document) -> bool:
        """By the resource that its ARN names."""
        kind, _, name = str(entry["Resources"][0]).rpartition(":")[2].partition("/")
        if kind.endswith("-job"):
            return self._take("silent", "job", name) is None
        return kind != "endpoint" or self._take("silent", "endpoint", name) is None

    def _take(self, kind: str, target: str, pattern: str, name: str = "") -> Fault | None:
        with self._lock:
            rule = self._match(kind, target, pattern, name)
            if rule is None:
                return None
            rule.taken += 1
            return rule.fault

    def _find(self, kind: str, target: str, pattern: str, name: str = "") -> _Rule | None:
        with self._lock:
            return self._match(kind, target, pattern, name)

    def _match(self, kind: str, target: str, text: str, name: str) -> _Rule | None:
        return next((rule for rule in self._rules if rule.matches(kind, target, text, name)), None)


def quota_name(kind: str, request: Document) -> str:
    """As Service Quotas lists it: `ml.m5.large for training job usage`."""
    usage = f"{kind.replace('-', ' ')} usage"
    found = next(_members(request, "InstanceType"), None)
    return f"{found} for {usage}" if found else usage


def _members(document: object, name: str) -> Iterator[str]:
    """The values of every member of this name, however deep."""
    if isinstance(document, dict):
        if name in document:
            yield str(document[name])
        for value in document.values():
            yield from _members(value, name)
    elif isinstance(document, list):
        for value in document:
            yield from _members(value, name)


def resource_name(operation: str, request: Document) -> str:
    """The name of what a request is about: the first `...Name` member that the service's model lists."""
    model = operation_model(operation)
    members = model.input_shape.members if model is not None and model.input_shape is not None else request
    return next((str(request[name]) for name in members if name.endswith("Name") and name in request), "")

"""Rules of scripted faults: which there are, and how they are read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from sagemaker_local.store import Document
from sagemaker_local.wire.model import runtime_operations, service_model

TARGETS = ("operation", "job", "endpoint", "variant", "instance_type")
SCRIPTED = TARGETS[:4]  # what does something of its own
NAMED = ("operation", "variant")  # beside these `name` says of which resource, or of which endpoint
REASON = "AlgorithmError: a scripted fault"


class FaultError(ValueError):
    """A rule that cannot be carried out; str() says which, what was found and what is possible."""


@dataclass(frozen=True)
class Kind:
    """One kind of fault: where it may happen, which fields it needs, and which it may have."""

    targets: tuple[str, ...]
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    meaning: str = ""


KINDS = {
    "throttle": Kind(
        ("operation",), (), ("name", "times"), "`ThrottlingException`, `Rate exceeded`; nothing is done"
    ),
    "fail": Kind(
        SCRIPTED,
        (),
        ("name", "times", "reason"),
        "an operation answers `InternalFailure`, 500, and does nothing; a job's program ends with exit code 1 and "
        "`reason`; an endpoint's containers do not come up; a variant's container answers 500 and `reason`",
    ),
    "lost-answer": Kind(
        ("operation",),
        (),
        ("name", "times"),
        "it is carried out, and the connection breaks before the answer",
    ),
    "slow": Kind(
        SCRIPTED,
        ("seconds",),
        ("name", "times"),
        "an operation, a job's program or an endpoint's containers begin `seconds` later; a variant's container "
        "answers `seconds` later",
    ),
    "kill": Kind(
        ("variant",), (), ("name", "times"), "its servers are killed when they are asked, and start again"
    ),
    "quota": Kind(
        ("operation",),
        ("limit",),
        ("name",),
        "`ResourceLimitExceeded` from a Create operation while `limit` of its resources are in use: jobs that have "
        "not ended, any others that exist",
    ),
    "silent": Kind(("job", "endpoint"), (), ("times",), "its state changes send no events"),
    "not-yet-visible": Kind(
        ("operation",),
        (),
        ("name", "times"),
        '`ValidationException`, `Could not find`; nothing is done: "If the dependent entities are not yet in DynamoDB, '
        'this causes a validation error ... retry logic is recommended" (CreateEndpoint)',
    ),
    "silent-rollback": Kind(
        ("endpoint",),
        (),
        ("times",),
        "an update returns to what served before, InService and without a FailureReason",
    ),
    "maintenance": Kind(
        ("endpoint",),
        ("seconds",),
        ("times",),
        "after a change it is SystemUpdating for `seconds`, and refuses every other change",
    ),
    "no-capacity": Kind(
        ("instance_type",),
        (),
        ("times",),
        "a training job gets none of it: it ends as Failed with `CapacityError`, or takes the next type of its "
        "InstancePreferences",
    ),
    "stuck": Kind(
        ("job", "endpoint"),
        (),
        (),
        "an endpoint stays Creating or Updating, a job's program does not begin, until the rules are replaced",
    ),
}


@dataclass(frozen=True)
class Fault:
    """One rule. `target` is one of TARGETS, `pattern` names what it means; `name` is an operation's resource, or a
    variant's endpoint.
    """

    fault: str
    target: str
    pattern: str
    name: str = "*"
    times: int | None = None
    seconds: float = 0.0
    limit: int = 0
    reason: str = REASON


def load(file: Path) -> tuple[Fault, ...]:
    """Read one file of rules. Raises FaultError or OSError."""
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8")) or []
    except yaml.YAMLError as error:
        raise FaultError(f"{file} is not YAML: {error}") from error
    return parse(entries, str(file))


def parse(entries: Any, where: str) -> tuple[Fault, ...]:
    """Rules from plain data. Raises FaultError for the first that cannot be carried out."""
    if not isinstance(entries, list):
        raise FaultError(f"{where} must be a list of faults, found {type(entries).__name__}")
    return tuple(_fault(f"{where}, fault {number}", entry) for number, entry in enumerate(entries, 1))


def _fault(where: str, entry: Any) -> Fault:
    if not isinstance(entry, dict) or entry.get("fault") not in KINDS:
        found = entry.get("fault") if isinstance(entry, dict) else entry
        raise FaultError(f"{where}: fault must be one of {', '.join(KINDS)}; found {found!r}")
    kind = KINDS[entry["fault"]]
    targets = [name for name in TARGETS if name in entry]
    if len(targets) != 1 or targets[0] not in kind.targets:
        found = ", ".join(targets) or "none"
        raise FaultError(f"{where}: {entry['fault']} needs one of {', '.join(kind.targets)}; found {found}")
    _check_fields(where, entry, kind, targets[0])
    pattern = str(entry[targets[0]])
    if targets[0] == "operation":
        _check_operation(where, entry["fault"], pattern)
    fields = {name: entry[name] for name in (*kind.needs, *kind.may) if name in entry}
    return Fault(entry["fault"], targets[0], pattern, **fields)


_TYPES: dict[str, tuple[type, ...]] = {
    "name": (str,), "reason": (str,), "times": (int,), "limit": (int,), "seconds": (int, float)
}  # fmt: skip
_LEAST = {"times": 1, "limit": 0, "seconds": 0}


def _check_fields(where: str, entry: Document, kind: Kind, target: str) -> None:
    known = {"fault", target, *kind.needs, *kind.may} - (set() if target in NAMED else {"name"})
    if unknown := sorted(set(entry) - known):
        raise FaultError(f"{where}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    if missing := [name for name in kind.needs if name not in entry]:
        raise FaultError(f"{where}: {entry['fault']} needs {', '.join(missing)}")
    if not isinstance(entry[target], str):
        raise FaultError(f"{where}: {target} must be a string, found {entry[target]!r}")
    for name in set(entry) & set(_TYPES):
        value = entry[name]
        is_right = isinstance(value, _TYPES[name]) and not isinstance(value, bool)
        if not is_right or (name in _LEAST and value < _LEAST[name]):
            least = f" of at least {_LEAST[name]}" if name in _LEAST else ""
            raise FaultError(f"{where}: {name} must be {_TYPES[name][-1].__name__}{least}, found {value!r}")


def _check_operation(where: str, fault: str, pattern: str) -> None:
    names = [*service_model().operation_names, *runtime_operations()]
    if not any(fnmatchcase(name.lower(), pattern.lower()) for name in names):
        raise FaultError(f"{where}: SageMaker has no operation {pattern!r}")
    if fault == "quota" and (pattern not in names or not pattern.startswith("Create")):
        raise FaultError(f"{where}: quota needs one Create operation, found {pattern!r}")

"""What the local stack remembers between commands: `state.json`, written whole or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cli.stack.children import Child
from cli.stack.errors import StackError
from cli.stack.outage import NOTHING_LOST, Loss, Outage


@dataclass(frozen=True)
class State:
    """ports stay the same for the life of the state folder: the stack's queue URLs and outputs hold them.

    deployed: digest of what was, empty before the first time; pending: an outage not yet recovered from; recovered_at:
    when the last recovery began, in seconds since the epoch; weather: of the local SageMaker.
    """

    ministack_port: int
    plane_port: int
    children: dict[str, Child] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    deployed: str = ""
    pending: Outage = NOTHING_LOST
    recovered_at: float = 0.0
    weather: str = "fair"

    def with_child(self, name: str, child: Child) -> State:
        return replace(self, children={**self.children, name: child})

    def running(self, name: str) -> bool:
        return name in self.children and self.children[name].is_running


def read_state(path: Path) -> State | None:
    """None when nothing was started yet; StackError when the file is not ours to read."""
    if not path.exists():
        return None
    try:
        return _from_dict(json.loads(path.read_text()))
    except (ValueError, TypeError, KeyError) as error:
        raise StackError(
            f"{path} cannot be read ({type(error).__name__}: {error}).",
            "If another version wrote it, `switchyard down --purge` starts anew.",
        ) from error


def write_state(path: Path, state: State) -> None:
    """Readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    with draft.open("w") as file:
        os.fchmod(file.fileno(), 0o600)
        json.dump(asdict(state), file, indent=2)
        file.write("\n")
    draft.replace(path)


def _from_dict(data: dict[str, Any]) -> State:
    children = {
        name: Child(int(child["pid"]), float(child["started"])) for name, child in data["children"].items()
    }
    told = data["pending"]
    pending = Outage(Loss(told["ministack"]), bool(told["plane"]), float(told.get("since", 0.0)))
    return State(
        ministack_port=int(data["ministack_port"]),
        plane_port=int(data["plane_port"]),
        children=children,
        outputs={name: str(value) for name, value in data["outputs"].items()},
        deployed=str(data.get("deployed", "")),
        pending=pending,
        recovered_at=float(data.get("recovered_at", 0.0)),
        weather=str(data.get("weather", "fair")),
    )

"""What is deployed, kept apart from what happens in it: MiniStack begins with it after a kill, as after `sam deploy`.

A deployment takes a quarter of a minute and longer on a busy machine, and a champion that was left in the middle of a
rollout waits for it. What happened since is lost by a kill either way, and comes back from the records in S3.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.stack.ministack.pin import taking

FOLDER = "deployment"
TRIES = 5
# What is no deployment, by service: whole stores, and what the entries of a store hold besides what was deployed.
HISTORIES = {
    "stepfunctions": ("executions", "map_runs"),
    "cloudwatch": ("metrics", "alarm_history"),
    "cloudwatch_logs": ("log_records", "queries"),
}
CONTENTS = {
    "dynamodb": ("tables", "items"),
    "sqs": ("queues", "messages"),
    "cloudwatch_logs": ("log_groups", "streams"),
}

State = dict[str, Any]


def keep(state_dir: Path, app: Any) -> None:
    """Writes what is deployed now. app: MiniStack's module of that name, which knows the state of every service."""
    from ministack.core import persistence

    states = taking(app, "_build_persistence_save_dict")
    form = taking(persistence, "_state_format_version", "service")
    encode = taking(persistence, "_json_default", "obj")
    draft = state_dir / f"{FOLDER}.tmp"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for name, state_of in states().items():
        state = {"__ministack_format__": form(name), "payload": deployed(name, settled(state_of))}
        (draft / f"{name}.json").write_text(json.dumps(state, default=encode))
    forget(state_dir)
    draft.rename(state_dir / FOLDER)


def settled(state_of: Callable[[], State]) -> State:
    """A copy of a service's state. What is at work meanwhile may change a dictionary that is being copied."""
    for _ in range(TRIES - 1):
        try:
            return state_of()
        except RuntimeError:
            continue
    return state_of()


def deployed(service: str, state: State) -> State:
    """Of a state, what `sam deploy` made of it. The state is a copy, and is changed."""
    for store in HISTORIES.get(service, ()):
        state[store].clear()
    if service in CONTENTS:
        store, content = CONTENTS[service]
        for entry in state[store].all_values():
            entry[content] = type(entry[content])()
    return state


def forget(state_dir: Path) -> None:
    shutil.rmtree(state_dir / FOLDER, ignore_errors=True)


def begin_with(state_dir: Path) -> None:
    """Puts it where MiniStack looks for the state that it begins with."""
    for kept in (state_dir / FOLDER).glob("*.json"):
        shutil.copy(kept, state_dir)

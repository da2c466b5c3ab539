"""Executions with a tape of what their states were answered, so that one can be brought to where it rested.

Step Functions goes on with the definition that an execution began with, whatever is deployed meanwhile; the tape is its
history: played back, it brings the execution to the state in which it waited, and what follows is asked of the host.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.asl import Execution, Host, StatesError, Waiting

Entry = dict[str, Any]


@dataclass
class Tape(Host):
    """`entries` from `at` on are still to be played back; after the last one `host` is asked, and written down."""

    host: Host
    entries: list[Entry] = field(default_factory=list)
    at: int = 0

    def next(self, kind: str) -> Entry | None:
        """What was answered at this place; None once everything has been played back."""
        if self.at == len(self.entries):
            return None
        entry, self.at = self.entries[self.at], self.at + 1
        assert kind in entry, f"the definition asks for {kind}, and {sorted(entry)} was answered"
        return entry

    def write(self, kind: str, answer: Any) -> Any:
        self.entries.append({kind: answer})
        self.at = len(self.entries)
        return answer

    def invoke(self, function: str, payload: Mapping[str, Any]) -> Any:
        if entry := self.next("invoke"):
            return _given(entry["invoke"])
        try:
            return self.write("invoke", self.host.invoke(function, payload))
        except StatesError as failed:
            self.write("invoke", _failed(failed))
            raise

    def start_child(self, machine: str, name: str, document: Mapping[str, Any]) -> Execution:
        if entry := self.next("child"):
            return self.host.executions[machine, entry["child"]]  # type: ignore[attr-defined,no-any-return]
        child = self.host.start_child(machine, name, document)
        self.write("child", child.name)
        return child

    def read_items(self, key: str) -> Any:
        entry = self.next("items")
        return entry["items"] if entry else self.write("items", self.host.read_items(key))

    def pause(self) -> None:
        if not self.next("pause"):
            self.write("pause", True)
            self.host.pause()


@dataclass
class Taped(Execution):
    """An execution that can be frozen."""

    tape: Tape = field(init=False)

    def __post_init__(self) -> None:
        self.tape = Tape(self.host)
        self.host = self.tape
        super().__post_init__()

    def go_on(self, answer: Any = None, error: StatesError | None = None) -> None:
        if self.status == "RUNNING":
            self.tape.write("go", _failed(error) if error else answer)
            super().go_on(answer, error)

    def frozen(self) -> dict[str, Any]:
        """As it stands, for a file."""
        kept = ("machine", "name", "document", "status", "output", "error", "cause", "states")
        token = self.waiting.token if self.waiting else ""
        entries = self.tape.entries if self.status == "RUNNING" else []
        return {name: getattr(self, name) for name in kept} | {"token": token, "tape": entries}


def thawed(frozen: Mapping[str, Any], definition: Mapping[str, Any], host: Host) -> Taped:
    """Where it was when it was frozen: its tape is played back, and nothing is asked of the host meanwhile."""
    made = Taped(frozen["machine"], frozen["name"], definition, frozen["document"], host)
    made.tape.entries = list(frozen["tape"])
    while entry := made.tape.next("go"):
        said = entry["go"]
        if isinstance(said, dict) and FAILED in said:
            Execution.go_on(made, error=StatesError(*said[FAILED]))
        else:
            Execution.go_on(made, said)
    assert not frozen["tape"] or made.states == frozen["states"], f"{made.states}, not {frozen['states']}"
    if frozen["token"]:
        made.waiting = Waiting(token=frozen["token"])
    for name in ("status", "output", "error", "cause"):
        setattr(made, name, frozen[name])
    return made


FAILED = "failed"


def _failed(error: StatesError) -> dict[str, Any]:
    return {FAILED: [error.error, error.cause]}


def _given(answer: Any) -> Any:
    if isinstance(answer, dict) and FAILED in answer:
        raise StatesError(*answer[FAILED])
    return answer

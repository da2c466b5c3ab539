"""A small interpreter of the part of ASL that our machines use, one step at a time: nothing runs by itself.

An execution goes on until it has to wait for a token or a child; whoever plays the world answers, lets the lap pass, or
aborts. tests/statemachine holds it against moto's interpreter, on the same table of cases.
"""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

Data = Any
Step = tuple[Data, str | None]  # a state's output, and the state that follows
MATCH_ALL = "States.ALL"


class StatesError(Exception):
    """An error by the name that Retry and Catch match."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


class Host(Protocol):
    """What a machine reaches out to."""

    def invoke(self, function: str, payload: Mapping[str, Any]) -> Data:
        """A Lambda's answer; StatesError when it failed."""

    def start_child(self, machine: str, name: str, document: Mapping[str, Any]) -> "Execution": ...

    def read_items(self, key: str) -> Data:
        """What lies in S3 for a Distributed Map."""

    def pause(self) -> None:
        """Time passes before a retry."""


@dataclass(frozen=True)
class Waiting:
    """For a token's answer, or for a child's end."""

    token: str = ""
    child: "Execution | None" = None


_numbers = count(1)


@dataclass
class Execution:
    """One execution of a machine."""

    machine: str
    name: str
    definition: Mapping[str, Any]
    document: Mapping[str, Any]
    host: Host
    status: str = "RUNNING"
    output: Data = None
    error: str = ""
    cause: str = ""
    waiting: Waiting | None = None
    states: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._steps = self._scope(self.definition, self.document)
        self._begun = False

    def go_on(self, answer: Data = None, error: StatesError | None = None) -> None:
        """From here to the next wait, or to the end."""
        if self.status != "RUNNING":
            return
        self.waiting = None
        try:
            if error is not None:
                self.waiting = self._steps.throw(error)
            else:
                self.waiting = self._steps.send(answer if self._begun else None)
            self._begun = True
        except StopIteration as end:
            self.status, self.output = "SUCCEEDED", end.value
        except StatesError as failed:
            self.status, self.error, self.cause = "FAILED", failed.error, failed.cause

    def abort(self, error: str = "", cause: str = "") -> None:
        """StopExecution; a child that was started with .sync is stopped with it."""
        if self.status == "RUNNING":
            self.status, self.error, self.cause = "ABORTED", error, cause
            if self.waiting and self.waiting.child:
                self.waiting.child.abort()
            self.waiting = None

    def described(self) -> dict[str, Any]:
        """As DescribeExecution says it, for the cause of the parent's States.TaskFailed."""
        return {"Name": self.name, "Status": self.status, "Error": self.error, "Cause": self.cause}

    # the language

    def _scope(self, scope: Mapping[str, Any], data: Data) -> Generator[Waiting, Data, Data]:
        name: str = scope["StartAt"]
        while True:
            self.states.append(name)
            state = scope["States"][name]
            data, following = yield from self._state(state, data)
            if following is None:
                return data
            name = following

    def _state(self, state: Mapping[str, Any], data: Data) -> Generator[Waiting, Data, Step]:
        kind, following = state["Type"], state.get("Next")
        if kind == "Choice":
            return data, _chosen(state, data)
        if kind == "Fail":
            raise StatesError(str(_path(state["ErrorPath"], data)), str(_path(state["CausePath"], data)))
        if kind == "Pass":
            return _placed(state, data, _template(state.get("Parameters", data), data, {})), following
        if kind == "Map":
            return _placed(state, data, (yield from self._map(state, data))), following
        if kind == "Task":
            return (yield from self._task(state, data))
        assert kind == "Succeed", kind
        return data, None

    def _map(self, state: Mapping[str, Any], data: Data) -> Generator[Waiting, Data, list[Data]]:
        answers = []
        for value in self._items(state, data):
            selected = _template(state["ItemSelector"], data, {"Map": {"Item": {"Value": value}}})
            entered = len(self.states)
            answers.append((yield from self._scope(state["ItemProcessor"], selected)))
            if "ItemReader" in state:  # the items of a Distributed Map are executions of their own
                del self.states[entered:]
        return answers

    def _items(self, state: Mapping[str, Any], data: Data) -> Data:
        if "ItemReader" not in state:
            return _path(state["ItemsPath"], data)
        return self.host.read_items(_template(state["ItemReader"]["Parameters"], data, {})["Key"])

    def _task(self, state: Mapping[str, Any], data: Data) -> Generator[Waiting, Data, Step]:
        tries = [0] * len(state.get("Retry", []))
        while True:
            try:
                answer = yield from self._attempt(state, data)
                return _placed(state, data, answer), state.get("Next")
            except StatesError as failed:
                if self._retries(state, failed, tries):
                    self.host.pause()
                    continue
                for rule in state.get("Catch", []):
                    if _matches(rule, failed):
                        said = {"Error": failed.error, "Cause": failed.cause}
                        return _placed(rule, data, said), rule["Next"]
                raise

    def _retries(self, state: Mapping[str, Any], failed: StatesError, tries: list[int]) -> bool:
        for index, rule in enumerate(state.get("Retry", [])):
            if _matches(rule, failed):
                tries[index] += 1
                return tries[index] <= int(rule["MaxAttempts"])
        return False

    def _attempt(self, state: Mapping[str, Any], data: Data) -> Generator[Waiting, Data, Data]:
        context = {
            "Task": {"Token": f"token-{next(_numbers)}"},
            "Execution": {"Id": f"{self.machine}:{self.name}"},
        }
        given = _template(state["Parameters"], data, context)
        resource = state["Resource"].removeprefix("arn:aws:states:::")
        if resource == "states:startExecution.sync:2":
            return (yield from self._child(given))
        said = self.host.invoke(given["FunctionName"], given["Payload"])
        if resource.endswith(".waitForTaskToken"):
            return (yield Waiting(token=context["Task"]["Token"]))
        return {"Payload": said}

    def _child(self, given: Mapping[str, Any]) -> Generator[Waiting, Data, Data]:
        name = given.get("Name", f"child-{next(_numbers)}")
        child = self.host.start_child(given["StateMachineArn"], name, given["Input"])
        yield Waiting(child=child)
        if child.status != "SUCCEEDED":
            raise StatesError("States.TaskFailed", json.dumps(child.described()))
        return {"Output": child.output, "Status": child.status}


def _matches(rule: Mapping[str, Any], failed: StatesError) -> bool:
    names = rule["ErrorEquals"]
    by_group = "States.TaskFailed" in names and failed.error != "States.Timeout"
    return failed.error in names or MATCH_ALL in names or by_group


def _chosen(state: Mapping[str, Any], data: Data) -> str:
    for rule in state["Choices"]:
        if "IsPresent" in rule:
            if (rule["Variable"].removeprefix("$.") in data) == rule["IsPresent"]:
                return str(rule["Next"])
            continue
        value = _path(rule["Variable"], data)
        wanted = rule.get("StringEquals", rule.get("BooleanEquals"))
        if type(value) is type(wanted) and value == wanted:
            return str(rule["Next"])
    return str(state["Default"])


def _placed(state: Mapping[str, Any], data: Data, result: Data) -> Data:
    """ResultSelector, ResultPath, OutputPath."""
    if "ResultSelector" in state:
        result = _template(state["ResultSelector"], result, {})
    where = state.get("ResultPath", "$")
    if where is None:
        placed = data
    elif where == "$":
        placed = result
    else:
        placed = {**data, where.removeprefix("$."): result}
    return _path(state.get("OutputPath", "$"), placed)


def _template(template: Data, data: Data, context: Mapping[str, Any]) -> Data:
    if isinstance(template, Mapping):
        filled: dict[str, Any] = {}
        for key, value in template.items():
            if key.endswith(".$"):
                filled[key[:-2]] = _path(value[1:], context) if value.startswith("$$") else _path(value, data)
            else:
                filled[key] = _template(value, data, context)
        return filled
    return template


def _path(path: str, data: Data) -> Data:
    for part in path.removeprefix("$").strip(".").split("."):
        if part:
            try:
                data = data[part]
            except (KeyError, TypeError):
                raise StatesError("States.Runtime", f"{path} is not in the input") from None
    return data

"""Step Functions for ports.Executions and ports.Tokens: executions of the real machines, in a dict."""

import json
from collections.abc import Mapping
from typing import Any

from switchyard.core.execution_end import readable
from switchyard.core.ports import Execution as Status
from tests.fakes.asl import Execution, Host, StatesError
from tests.statemachine.definitions import MACHINES, definition

LAPS = {"training": 90000, "endpoint": 3600, "approval": 86400, "rollout": 86400}
DEFINITIONS = {m: json.loads(definition(m, {each: each for each in MACHINES})) for m in MACHINES}


class FakeExecutions(Host):
    """executions: by machine and name. answers: by token, what it was answered with first."""

    executions: dict[tuple[str, str], Execution]
    answers: dict[str, Any]

    def start_retrain(self, run_id: str, payload: Mapping[str, Any]) -> None:
        self._start("retrain", run_id, payload)

    def start_restore(self, name: str, payload: Mapping[str, Any]) -> None:
        self._start("restore", name, payload)

    def start_transform(self, name: str, payload: Mapping[str, Any]) -> None:
        self._start("transform", name, payload)

    def stop_retrain(self, run_id: str, cause: str) -> None:
        found = self.executions.get(("retrain", run_id))
        if found is not None and found.status == "RUNNING":
            found.abort("Outage", cause)
            self._announce(found)

    def _announce(self, execution: Execution) -> None:
        """Whoever settles runs hears that it has ended."""
        raise NotImplementedError

    def transform_status(self, name: str) -> Status | None:
        return self._status("transform", name)

    def _start(self, machine: str, name: str, payload: Mapping[str, Any]) -> None:
        if (machine, name) not in self.executions:
            document = {**payload, "laps": LAPS}
            self.executions[(machine, name)] = Execution(machine, name, DEFINITIONS[machine], document, self)

    def retrain_status(self, run_id: str) -> Status | None:
        return self._status("retrain", run_id)

    def restore_status(self, name: str) -> Status | None:
        return self._status("restore", name)

    def _status(self, machine: str, name: str) -> Status | None:
        found = self.executions.get((machine, name))
        if found is None:
            return None
        return Status(found.status, found.output or {}, readable(found.error, found.cause))

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self.answers.setdefault(token, json.loads(json.dumps(dict(output))))

    def fail(self, token: str, error: str, cause: str) -> None:
        self.answers.setdefault(token, StatesError(error, cause))

    def start_child(self, machine: str, name: str, document: Mapping[str, Any]) -> Execution:
        child = Execution(machine, name, DEFINITIONS[machine], document, self)
        self.executions[(machine, name)] = child
        return child

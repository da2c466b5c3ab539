"""Step Functions: starting machines under names that make a repeat harmless, and answering tokens."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from switchyard.core.execution_end import readable
from switchyard.core.ports import Execution

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

TOO_LATE = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


class StepFunctionsExecutions:
    """Fulfils ports.Executions. `laps`: seconds by kind of wait, given to every execution."""

    def __init__(
        self,
        client: "SFNClient",
        retrain_arn: str,
        restore_arn: str,
        laps: Mapping[str, int],
        transform_arn: str = "",
    ) -> None:
        self._client = client
        self._retrain = retrain_arn
        self._restore = restore_arn
        self._transform = transform_arn
        self._laps = laps

    def start_retrain(self, run_id: str, payload: Mapping[str, Any]) -> None:
        self._start(self._retrain, run_id, payload)

    def start_restore(self, name: str, payload: Mapping[str, Any]) -> None:
        self._start(self._restore, name, payload)

    def start_transform(self, name: str, payload: Mapping[str, Any]) -> None:
        self._start(self._transform, name, payload)

    def stop_retrain(self, run_id: str, cause: str) -> None:
        with suppress(self._client.exceptions.ExecutionDoesNotExist):
            self._client.stop_execution(executionArn=_arn(self._retrain, run_id), error="Outage", cause=cause)

    def transform_status(self, name: str) -> Execution | None:
        return self._status(self._transform, name)

    def retrain_status(self, run_id: str) -> Execution | None:
        return self._status(self._retrain, run_id)

    def restore_status(self, name: str) -> Execution | None:
        return self._status(self._restore, name)

    def _start(self, machine: str, name: str, payload: Mapping[str, Any]) -> None:
        """An execution name can be used once in 90 days: the same dataset twice is one run."""
        content = json.dumps({**payload, "laps": dict(self._laps)})
        try:
            self._client.start_execution(stateMachineArn=machine, name=name, input=content)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise

    def _status(self, machine: str, name: str) -> Execution | None:
        try:
            found = self._client.describe_execution(executionArn=_arn(machine, name))
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return None
            raise
        output = json.loads(found.get("output") or "{}")
        return Execution(found["status"], output, readable(found.get("error", ""), found.get("cause", "")))


def _arn(machine: str, name: str) -> str:
    return f"{machine.replace(':stateMachine:', ':execution:')}:{name}"


class StepFunctionsTokens:
    """Fulfils ports.Tokens. A token that nobody waits for any more is no error: somebody else was faster."""

    def __init__(self, client: "SFNClient") -> None:
        self._client = client

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self._answer(lambda: self._client.send_task_success(taskToken=token, output=json.dumps(dict(output))))

    def fail(self, token: str, error: str, cause: str) -> None:
        self._answer(
            lambda: self._client.send_task_failure(taskToken=token, error=error, cause=cause[:32768])
        )

    def _answer(self, send: Any) -> None:
        try:
            send()
        except ClientError as error:
            if error.response["Error"]["Code"] not in TOO_LATE:
                raise

"""Step Functions of MiniStack, as on AWS where a rollout depends on it.

answer_callbacks   TimeoutSecondsPath; a fresh token for each attempt; a Lambda that raises fails its task
cut_short          at a stop, what runs ends by the stop
end_executions     an aborted execution stays aborted and stops its child; a child's end is an event, and its
                   failure reaches the parent as States.TaskFailed
"""

from __future__ import annotations

import json
import threading
from typing import Any

from cli.stack.ministack.pin import taking

STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"


def answer_callbacks(stepfunctions: Any) -> None:
    """MiniStack ignores TimeoutSecondsPath, reuses the token of a failed attempt, and leaves a callback task whose
    Lambda raised to its timeout."""
    resolve_path = taking(stepfunctions, "_resolve_path", "path", "data")
    execute = taking(stepfunctions, "_execute_task", "state_def", "raw_input", "execution", "ctx")
    apply_parameters = taking(stepfunctions, "_apply_parameters", "state_def", "data", "ctx")

    def execute_task(state_def: Any, raw_input: Any, execution: Any, ctx: Any) -> Any:
        if "TimeoutSecondsPath" in state_def:
            state_def = {
                **state_def,
                "TimeoutSeconds": resolve_path(state_def["TimeoutSecondsPath"], raw_input),
            }
        return execute(state_def, raw_input, execution, ctx)

    def fresh_token_then_parameters(state_def: Any, data: Any, ctx: Any = None) -> Any:
        retry = ctx and state_def.get("Type") == "Task" and ctx.get("State", {}).get("RetryCount")
        if retry and ".waitForTaskToken" in state_def.get("Resource", ""):
            ctx["Task"] = {"Token": stepfunctions.new_uuid()}
        return apply_parameters(state_def, data, ctx)

    stepfunctions._execute_task = execute_task
    stepfunctions._apply_parameters = fresh_token_then_parameters
    report_lambda_errors(stepfunctions)


def report_lambda_errors(stepfunctions: Any) -> None:
    """The error of a Lambda that was called with a task token is the error of its task."""
    await_callback = taking(
        stepfunctions, "_invoke_with_callback", "resource", "input_data", "token", "state_def"
    )
    call_lambda = taking(stepfunctions, "_call_lambda", "func_ref", "event")
    waiting = threading.local()  # an execution walks its states in one thread

    def invoke_with_callback(resource: Any, input_data: Any, token: Any, state_def: Any) -> Any:
        waiting.token = token
        return await_callback(resource, input_data, token, state_def)

    def call_and_report(func_ref: Any, event: Any) -> Any:
        token, waiting.token = getattr(waiting, "token", None), None
        try:
            return call_lambda(func_ref, event)
        except stepfunctions._ExecutionError as error:
            task = stepfunctions._task_tokens.get(token)
            if task is not None and not task["event"].is_set():
                task["error"] = {"Error": error.error, "Cause": error.cause}
                task["event"].set()
            raise

    stepfunctions._invoke_with_callback = invoke_with_callback
    stepfunctions._call_lambda = call_and_report


def end_executions(stepfunctions: Any) -> None:
    """MiniStack overwrites ABORTED with FAILED when a task fails later, lets the child of a stopped parent run on,
    says nothing of a child's end, and passes the child's own error to the parent."""
    fail = taking(stepfunctions, "_fail_execution", "execution", "error", "cause")
    stop = taking(stepfunctions, "_stop_execution", "data")
    emit = taking(stepfunctions, "_emit_execution_status_event", "execution")
    taking(stepfunctions, "_nested_execution_failure", "payload")

    def fail_execution(execution: Any, error: Any, cause: Any) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    def stop_execution(data: Any) -> Any:
        answer = stop(data)
        for execution in list(stepfunctions._executions.values()):
            if execution["status"] == "RUNNING" and started_by(execution) == data.get("executionArn"):
                stop_execution({**data, "executionArn": execution["executionArn"]})
        return answer

    def emit_status_event(execution: Any) -> None:
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
        emit({**execution, "sync": execution.get("sync") and machine.get("type") == "EXPRESS"})

    stepfunctions._fail_execution = fail_execution
    stepfunctions._stop_execution = stop_execution
    stepfunctions._emit_execution_status_event = emit_status_event
    stepfunctions._nested_execution_failure = child_failure


def cut_short(stepfunctions: Any) -> None:
    """Ends what runs as MiniStack ends it at its next start, for it goes on while its port is already closed, and
    would fail by that."""
    for execution in stepfunctions._executions.all_values():
        if execution["status"] == "RUNNING":
            execution.update(
                status="FAILED",
                stopDate=stepfunctions.now_iso(),
                error="States.ServiceRestart",
                cause="Execution was running when service restarted",
            )


def started_by(execution: Any) -> str | None:
    """The parent's ARN, which Step Functions itself expects in the child's input."""
    try:
        parent: str | None = json.loads(execution["input"]).get(STARTED_BY)
    except (ValueError, AttributeError):
        return None
    return parent


def child_failure(payload: Any) -> tuple[str, str]:
    """Error and cause of a `.sync` task whose child did not succeed: the child's description is the cause."""
    fields = (
        "executionArn",
        "stateMachineArn",
        "name",
        "status",
        "startDate",
        "stopDate",
        "input",
        "error",
        "cause",
    )
    description = {
        field[0].upper() + field[1:]: payload[field] for field in fields if payload.get(field) is not None
    }
    return "States.TaskFailed", json.dumps(description)

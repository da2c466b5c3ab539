"""Step Functions of the patched MiniStack: where plain MiniStack differs from AWS, and a rollout depends on it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.cloudformation import ROOT
from tests.stack.conftest import MiniStack, read_notes, until

NOTE_THEN = """
import json
class WrongRow(Exception): pass
def handler(event, context):
    with open(event["notes"], "a") as notes:
        notes.write(json.dumps(event) + "\\n")
    {then}
"""
CALL = "arn:aws:states:::lambda:invoke"


@pytest.fixture(scope="module")
def noting(ministack: MiniStack) -> str:
    return ministack.function("noting", NOTE_THEN.replace("{then}", "return event"))


@pytest.fixture(scope="module")
def raising(ministack: MiniStack) -> str:
    return ministack.function("raising", NOTE_THEN.replace("{then}", "raise WrongRow('row 7 is ragged')"))


def waiting_for(function: str, **fields: Any) -> dict[str, Any]:
    """A callback task that gives the function its token and its count of retries."""
    payload = {"token.$": "$$.Task.Token", "retries.$": "$$.State.RetryCount", "notes.$": "$.notes"}
    resource = {"Type": "Task", "Resource": f"{CALL}.waitForTaskToken"}
    return resource | {"Parameters": {"FunctionName": function, "Payload": payload}} | fields


def calling(function: str, **fields: Any) -> dict[str, Any]:
    parameters = {"FunctionName": function, "Payload.$": "$"}
    return {"Type": "Task", "Resource": CALL, "TimeoutSeconds": 20, "Parameters": parameters} | fields


def test_an_exception_is_caught_by_its_class(ministack: MiniStack, raising: str, notes: Path) -> None:
    catch = [{"ErrorEquals": ["WrongRow"], "ResultPath": "$.error", "Next": "Caught"}]
    states = {"Call": calling(raising, Catch=catch, End=True), "Caught": {"Type": "Pass", "End": True}}
    end = ministack.end_of(ministack.run(ministack.machine("catching", states), {"notes": str(notes)}))
    error = json.loads(end["output"])["error"]
    cause = json.loads(error["Cause"])
    assert error["Error"] == "WrongRow"
    assert cause["errorMessage"] == "row 7 is ragged"
    assert any("main.py" in line for line in cause["stackTrace"])


def test_a_lambda_that_raises_fails_its_callback_task_at_once(
    ministack: MiniStack, raising: str, notes: Path
) -> None:
    machine = ministack.machine("raising", {"Wait": waiting_for(raising, TimeoutSeconds=600, End=True)})
    end = ministack.end_of(ministack.run(machine, {"notes": str(notes)}))
    assert (end["status"], end["error"]) == ("FAILED", "WrongRow")


def test_each_attempt_has_its_own_token(ministack: MiniStack, raising: str, notes: Path) -> None:
    retry = [{"ErrorEquals": ["WrongRow"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    task = waiting_for(raising, TimeoutSeconds=600, Retry=retry, End=True)
    ministack.end_of(ministack.run(ministack.machine("retrying", {"Wait": task}), {"notes": str(notes)}))
    first, second = read_notes(notes)
    assert (first["retries"], second["retries"]) == (0, 1)
    assert first["token"] != second["token"]


def test_a_lap_waits_as_long_as_its_input_says_and_has_a_new_token(
    ministack: MiniStack, noting: str, notes: Path
) -> None:
    again = [{"ErrorEquals": ["States.Timeout"], "ResultPath": "$.late", "Next": "Wait"}]
    task = waiting_for(noting, TimeoutSecondsPath="$.lap", Catch=again, ResultPath="$.done", End=True)
    execution = ministack.run(ministack.machine("laps", {"Wait": task}), {"notes": str(notes), "lap": 1})
    until(lambda: len(read_notes(notes)) >= 2)
    stale, live = read_notes(notes)[0]["token"], read_notes(notes)[-1]["token"]
    stepfunctions = ministack.client("stepfunctions")
    with pytest.raises(stepfunctions.exceptions.TaskDoesNotExist):
        stepfunctions.send_task_success(taskToken=stale, output="{}")
    stepfunctions.send_task_success(taskToken=live, output='{"ok": true}')
    assert json.loads(ministack.end_of(execution)["output"])["done"] == {"ok": True}


def parent_of(child: str, **fields: Any) -> dict[str, Any]:
    started_by = {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id", "notes.$": "$.notes"}
    parameters = {"StateMachineArn": child, "Input": started_by}
    task = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "TimeoutSeconds": 60}
    return task | {"Parameters": parameters, "End": True} | fields


def test_a_stopped_parent_stops_its_child_and_stays_aborted(
    ministack: MiniStack, noting: str, notes: Path
) -> None:
    child = ministack.machine("child-of-stopped", {"Wait": waiting_for(noting, TimeoutSeconds=600, End=True)})
    execution = ministack.run(
        ministack.machine("stopped", {"Child": parent_of(child)}), {"notes": str(notes)}
    )
    until(lambda: read_notes(notes))
    stepfunctions = ministack.client("stepfunctions")
    stepfunctions.stop_execution(executionArn=execution)
    children = stepfunctions.list_executions(stateMachineArn=child)["executions"]
    assert [each["status"] for each in children] == ["ABORTED"]
    stepfunctions.send_task_failure(taskToken=read_notes(notes)[0]["token"], error="Late")
    types = until(lambda: _types_after_a_late_failure(stepfunctions, children[0]["executionArn"]))
    assert "ExecutionFailed" not in types
    assert ministack.describe(execution)["status"] == "ABORTED"


def _types_after_a_late_failure(stepfunctions: Any, execution: str) -> list[str]:
    events = stepfunctions.get_execution_history(executionArn=execution)["events"]
    types = [event["type"] for event in events]
    return types if "TaskFailed" in types else []


def test_a_childs_failure_reaches_the_parent_as_aws_names_it(
    ministack: MiniStack, raising: str, notes: Path
) -> None:
    child = ministack.machine("failing-child", {"Call": calling(raising, End=True)})
    execution = ministack.run(ministack.machine("parent", {"Child": parent_of(child)}), {"notes": str(notes)})
    end = ministack.end_of(execution)
    cause = json.loads(end["cause"])
    assert end["error"] == "States.TaskFailed"
    assert (cause["Status"], cause["Error"]) == ("FAILED", "WrongRow")


def test_the_end_of_a_child_is_an_event_too(ministack: MiniStack, noting: str, notes: Path) -> None:
    child = ministack.machine("told-child", {"Call": calling(noting, End=True)})
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [child], "status": ["SUCCEEDED"]}}
    queue_url = ministack.client("sqs").create_queue(QueueName="ends")["QueueUrl"]
    events = ministack.client("events")
    events.put_rule(Name="ends", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="ends", Targets=[{"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:ends"}])
    ministack.end_of(
        ministack.run(ministack.machine("teller", {"Child": parent_of(child)}), {"notes": str(notes)})
    )
    received = ministack.client("sqs").receive_message(QueueUrl=queue_url, WaitTimeSeconds=5)["Messages"]
    assert json.loads(received[0]["Body"])["detail"]["stateMachineArn"] == child


def test_the_machines_own_distributed_map_scores_every_chunk_of_the_file(
    ministack: MiniStack, notes: Path
) -> None:
    """State ScoreLargeHoldout as it stands in retrain.asl.yaml, with a function that notes what it was asked."""
    definition = (ROOT / "statemachine" / "retrain.asl.yaml").read_text()
    function = ministack.function(
        "scoring", NOTE_THEN.replace("event[", "event['prepared'][").replace("{then}", "pass")
    )
    filled = definition.replace("${ArtifactBucket}", "chunks").replace("${ScoreChunkFunctionArn}", function)
    state = yaml.safe_load(filled)["States"]["ScoreLargeHoldout"]
    state["End"] = bool(state.pop("Next"))
    chunks = [{"first": at * 250, "last": (at + 1) * 250, "offset": at} for at in range(12)]
    ministack.client("s3").create_bucket(Bucket="chunks")
    ministack.client("s3").put_object(Bucket="chunks", Key="m/chunks.json", Body=json.dumps(chunks).encode())
    given = {"run": {"run_id": "r"}, "alpha": {"via": "alpha"}}
    given["prepared"] = {"chunks": {"map": "distributed", "key": "m/chunks.json"}, "notes": str(notes)}
    end = ministack.end_of(ministack.run(ministack.machine("large", {"ScoreLargeHoldout": state}), given))
    assert end["status"] == "SUCCEEDED", end
    assert json.loads(end["output"]) == given
    assert sorted(note["chunk"]["first"] for note in read_notes(notes)) == [
        chunk["first"] for chunk in chunks
    ]


KILLED = """import os, pathlib
def handler(event, context):
    mark = pathlib.Path(event["mark"])
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), 9)
    return "done"
"""


def test_a_call_whose_function_is_killed_is_made_again(ministack: MiniStack, tmp_path: Path) -> None:
    """By the Retry that every task of the project's machines has."""
    rollout = yaml.safe_load((ROOT / "statemachine/rollout.asl.yaml").read_text())
    [retry] = rollout["States"]["StartRollout"]["Retry"]
    task = calling(ministack.function("killed", KILLED), Retry=[retry], End=True)
    machine = ministack.machine("killed", {"Ask": task})
    end = ministack.end_of(ministack.run(machine, {"mark": str(tmp_path / "killed")}))
    assert end["status"] == "SUCCEEDED", end.get("cause")
    assert "done" in end["output"]

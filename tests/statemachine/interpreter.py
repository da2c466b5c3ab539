"""Runs the project's own definitions in moto's ASL interpreter; Lambdas are stubs at the seam where it invokes them.

Waiting is shortened, never the definitions: retry delays are recorded instead of slept, children are looked at often,
and laps (seconds, given in the input) are fractions of a second. What moto gets wrong is put right at the end of this
file.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from time import monotonic, sleep
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
from antlr4.RuleContext import RuleContext
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.common.catch.catch_outcome import CatchOutcome
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from tests import patience
from tests.quick_moto import mock_aws
from tests.statemachine.chunks import CHUNKS, CHUNKS_FILE
from tests.statemachine.definitions import BUCKET, MACHINES, definition

ROLE = "arn:aws:iam::000000000000:role/machine"
RUN = {
    "model": "digits",
    "run_id": "digits-0123456789ab",
    "digest": "0" * 64,
    "source": "s3://data/digits/train/v2/",
    "snapshot": "digits/snapshots/00/",
}
LAPS = {"training": 30, "endpoint": 30, "approval": 30, "rollout": 30}
SHORT = 1.0  # a lap that is meant to pass; whoever answers in time does so within it, on a busy machine too
DEADLINE = patience.SECONDS


@dataclass(frozen=True)
class Gives:
    """The Lambda returns this."""

    payload: Any


@dataclass(frozen=True)
class Answers:
    """The token is answered with success, from within the Lambda as ours do when they find the thing done."""

    output: Mapping[str, Any]


@dataclass(frozen=True)
class Fails:
    """The token is answered with failure."""

    error: str = "JobFailedError"
    cause: str = "training job x Failed: AlgorithmError"


@dataclass(frozen=True)
class Raises:
    """The Lambda raises an error of this class."""

    error: str
    message: str = "why"


@dataclass(frozen=True)
class Refused:
    """Lambda itself refuses the invocation."""

    code: str


@dataclass(frozen=True)
class Silent:
    """The Lambda returns, and nobody ever answers the token."""


Reply = Gives | Answers | Fails | Raises | Refused | Silent


@dataclass(frozen=True)
class Call:
    """One invocation as the Lambda saw it."""

    function: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Ended:
    """How an execution ended, and the states that it and its children entered, by machine and in order."""

    status: str
    output: Mapping[str, Any]
    error: str
    cause: str
    states: Mapping[str, list[str]]
    transitions: int


@dataclass
class Interpreter:
    """Machines deployed into moto, functions that answer from a script, and what they were asked."""

    client: Any
    arns: dict[str, str] = field(default_factory=dict)
    script: dict[str, list[Reply]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """Forgets everything but the machines: a fresh moto for each test would cost more than the test."""
        for each in (self.script, self.calls, self.delays, self.refusals):
            each.clear()
        for region in stepfunctions_parser_backends["123456789012"].values():
            for machine in region.state_machines:
                machine.executions.clear()

    def asked(self, function: str) -> list[Mapping[str, Any]]:
        return [call.payload for call in self.calls if call.function == function]

    def invoke(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        name = parameters["FunctionName"].rsplit(":", 1)[-1]
        payload = json.loads(parameters["Payload"])
        self.calls.append(Call(name, payload))
        replies = self.script[name]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        return self._reply(reply, payload)

    def _reply(self, reply: Reply, payload: Mapping[str, Any]) -> dict[str, Any]:
        match reply:
            case Gives(payload=given):
                return {"StatusCode": 200, "Payload": given}
            case Answers(output=output):
                self.client.send_task_success(taskToken=payload["token"], output=json.dumps(output))
            case Fails(error=error, cause=cause):
                self.client.send_task_failure(taskToken=payload["token"], error=error, cause=cause)
            case Raises(error=error, message=message):
                said = {"errorType": error, "errorMessage": message}
                return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": said}
            case Refused(code=code):
                raise _refusal(code, "Invoke")
        return {"StatusCode": 200, "Payload": None}

    def run(self, machine: str, document: Mapping[str, Any]) -> Ended:
        text = json.dumps(document)
        started = self.client.start_execution(stateMachineArn=self.arns[machine], name=machine, input=text)
        return self._ended(machine, str(started["executionArn"]))

    def _ended(self, machine: str, arn: str) -> Ended:
        end = monotonic() + DEADLINE
        while (found := self.client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert monotonic() < end, f"still running after {DEADLINE} s: {_entered(self._history(arn))}"
            sleep(0.02)
        histories = {m: [self._history(arn) for arn in self._executions(m)] for m in {machine, *MACHINES}}
        states = {m: [state for each in told for state in _entered(each)] for m, told in histories.items()}
        transitions = sum(_transitions(each) for told in histories.values() for each in told)
        output = json.loads(found.get("output") or "{}")
        return Ended(
            found["status"], output, found.get("error", ""), found.get("cause", ""), states, transitions
        )

    def _executions(self, machine: str) -> list[str]:
        listed = self.client.list_executions(stateMachineArn=self.arns[machine])["executions"]
        return [e["executionArn"] for e in sorted(listed, key=lambda e: e["startDate"])]

    def _history(self, arn: str) -> list[dict[str, Any]]:
        """As moto holds it: it cannot always send it, for an item ended by another may have events of wrong types."""
        execution: Any = stepfunctions_parser_backends["123456789012"]["us-east-1"].describe_execution(arn)
        events: list[dict[str, Any]] = execution.to_history_output()["events"]
        return events


def _refusal(code: str, operation: str) -> ClientError:
    metadata: Any = {"HTTPStatusCode": 429, "RequestId": "r"}
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": metadata}, operation)


def _entered(history: Sequence[Mapping[str, Any]]) -> list[str]:
    return [e["stateEnteredEventDetails"]["name"] for e in history if e.get("stateEnteredEventDetails")]


def _transitions(history: Sequence[Mapping[str, Any]]) -> int:
    """ "A state transition is counted each time a step of your workflow is executed"; a retry counts as one."""
    attempts = sum(e["type"] in ("TaskScheduled", "LambdaFunctionScheduled") for e in history)
    tasks = sum(e["type"] == "TaskStateEntered" for e in history)
    return len(_entered(history)) + max(0, attempts - tasks)


@contextmanager
def interpreter() -> Iterator[Interpreter]:
    """Three machines in a fresh moto."""
    with ExitStack() as stack:
        stack.enter_context(mock_aws(config={"stepfunctions": {"execute_state_machine": True}}))
        engine = Interpreter(boto3.client("stepfunctions", "us-east-1"))
        s3 = boto3.client("s3", "us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key=CHUNKS_FILE, Body=json.dumps(CHUNKS["items"]).encode())
        stack.enter_context(patch.object(lambda_eval_utils, "_invoke_lambda_function", _seam(engine)))
        stack.enter_context(patch.object(retrier_decl, "time", SimpleNamespace(sleep=engine.delays.append)))
        stack.enter_context(
            patch.object(state_task_service_callback, "_DELAY_SECONDS_SYNC_CONDITION_CHECK", 0.02)
        )
        stack.enter_context(patch.object(StateTaskServiceSfn, "_normalise_parameters", _asked(engine)))
        stack.enter_context(patch.object(StateTaskServiceSfn, "_normalise_response", _from_boto))
        stack.enter_context(patch.object(AmazonStateLanguageParser, "parse", _parse))
        stack.enter_context(patch.object(RuleContext, "getText", _text_of))
        stack.enter_context(patch.object(json_path, "parse", _path))
        stack.enter_context(patch.object(ExecutionState, "_handle_catch", _catch))
        stack.enter_context(patch.object(ExecutionState, "_set_next", _next))
        for name in MACHINES:
            text = definition(name, engine.arns)
            made = engine.client.create_state_machine(
                name=f"switchyard-{name}", definition=text, roleArn=ROLE
            )
            engine.arns[name] = made["stateMachineArn"]
        yield engine


def _asked(engine: Interpreter) -> Callable[..., None]:
    def ask(_: object, parameters: dict[str, Any], **__: object) -> None:
        if engine.refusals:
            raise _refusal(engine.refusals.pop(0), "StartExecution")
        _to_boto(parameters)

    return ask


def _to_boto(parameters: dict[str, Any]) -> None:
    """moto 5.2.5 hands `StateMachineArn` to boto3 as it stands; boto3 wants `stateMachineArn`, and text as input."""
    for name in list(parameters):
        value = parameters.pop(name)
        parameters[name[0].lower() + name[1:]] = value if isinstance(value, str) else json.dumps(value)


def _from_boto(_: object, response: dict[str, Any], **__: object) -> None:
    """And gives `output` back, where the integration says `Output`."""
    for name in list(response):
        response[name[0].upper() + name[1:]] = response.pop(name)


_moto_parse = AmazonStateLanguageParser.parse


@cache
def _tree(text: str) -> Any:
    return _moto_parse(text)[1]


def _parse(text: str) -> tuple[Any, Any]:
    """moto reads a definition anew for every execution. What it makes of the tree has state, the tree has none."""
    tree = _tree(text)
    return Preprocessor().visit(tree), tree


_antlr_text_of = RuleContext.getText
_path = cache(json_path.parse)  # of which each call makes a parser of its own


def _text_of(node: Any) -> str:
    """The text below a node of a tree that is read, which does not change any more."""
    if "text" not in vars(node):
        node.text = _antlr_text_of(node)
    return str(node.text)


_moto_catch, _moto_next = ExecutionState._handle_catch, ExecutionState._set_next


def _catch(state: Any, env: Any, failure_event: Any) -> None:
    _moto_catch(state, env, failure_event)
    env.switchyard_caught = env.stack[-1] == CatchOutcome.Caught


def _next(state: Any, env: Any) -> None:
    """moto 5.2.5 takes a Catch whose Next is the state itself for no Catch at all, and goes on to the state's Next."""
    if not vars(env).pop("switchyard_caught", False):
        _moto_next(state, env)


def _seam(engine: Interpreter) -> Callable[..., dict[str, Any]]:
    def invoke(parameters: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return engine.invoke(parameters)

    return invoke

"""Histories for the tests of the console, in the two shapes there are: chained by previousEventId as on AWS, or not."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 23, 2, tzinfo=UTC)
TOKEN = "arn:aws:states:::lambda:invoke.waitForTaskToken"


@dataclass
class History:
    """Events one second apart. chained: as on AWS, with previousEventId and more kinds of events."""

    chained: bool
    events: list[dict[str, Any]] = field(default_factory=list)
    _last: int = 0

    def add(self, kind: str, before: int | None = None, **parts: Any) -> int:
        number = len(self.events) + 1
        event = {"id": number, "timestamp": START + timedelta(seconds=number - 1), "type": kind, **parts}
        if self.chained:
            event["previousEventId"] = self._last if before is None else before
        self.events.append(event)
        self._last = number
        return number

    def begin(self, text: str = "{}") -> "History":
        self.add("ExecutionStarted", executionStartedEventDetails={"input": text})
        return self

    def enter(self, name: str, kind: str = "Task", text: str = "{}", before: int | None = None) -> int:
        return self.add(f"{kind}StateEntered", before, stateEnteredEventDetails={"name": name, "input": text})

    def exit(self, name: str, kind: str = "Task", text: str = "{}", before: int | None = None) -> int:
        return self.add(f"{kind}StateExited", before, stateExitedEventDetails={"name": name, "output": text})

    def schedule(self, resource: str = "arn:aws:states:::lambda:invoke", before: int | None = None) -> int:
        said = {
            "resourceType": "lambda",
            "resource": resource.rpartition(":")[2] if self.chained else resource,
        }
        number = self.add("TaskScheduled", before, taskScheduledEventDetails=said)
        if self.chained:
            number = self.add(
                "TaskStarted", taskStartedEventDetails={"resourceType": "lambda", "resource": "invoke"}
            )
        return number

    def succeed(self, output: str = "{}", before: int | None = None) -> int:
        return self.add("TaskSucceeded", before, taskSucceededEventDetails={"output": output})

    def fail(self, error: str, cause: str = "", kind: str = "TaskFailed", before: int | None = None) -> int:
        key = f"{kind[0].lower()}{kind[1:]}EventDetails"
        return self.add(kind, before, **{key: {"error": error, "cause": cause}})

    def task(self, name: str, resource: str = "arn:aws:states:::lambda:invoke") -> "History":
        """A task that goes well."""
        self.enter(name)
        self.schedule(resource)
        self.succeed()
        self.exit(name)
        return self

    def ended(self, kind: str = "ExecutionSucceeded", error: str = "", cause: str = "") -> "History":
        if kind == "ExecutionSucceeded":
            self.add(kind, executionSucceededEventDetails={"output": "{}"})
        else:
            self.fail(error, cause, kind)
        return self


def map_on_aws(iterations: Sequence[bool]) -> History:
    """A Map `Score` whose iterations run side by side; True: `Chunk` went well, after one retry."""
    history = History(chained=True).begin()
    entered = history.enter("Score", "Map")
    started = history.add("MapStateStarted", mapStateStartedEventDetails={"length": len(iterations)})
    del entered
    detail = [{"name": "Score", "index": index} for index in range(len(iterations))]
    at = [
        history.add("MapIterationStarted", started, mapIterationStartedEventDetails=each) for each in detail
    ]
    at = [history.enter("Chunk", before=before) for before in at]
    at = [history.schedule(before=before) for before in at]
    at = [history.fail("TransientError", "busy", before=before) for before in at]
    at = [history.schedule(before=before) for before in at]
    for index, well in enumerate(iterations):
        if well:
            before = history.exit("Chunk", before=history.succeed(before=at[index]))
            history.add("MapIterationSucceeded", before, mapIterationSucceededEventDetails=detail[index])
    if all(iterations):
        history.add("MapStateSucceeded")
        history.exit("Score", "Map")
        return history.ended()
    history.fail("DomainError", "why", before=at[iterations.index(False)])
    history.add("MapIterationFailed", mapIterationFailedEventDetails=detail[iterations.index(False)])
    history.add("MapStateFailed")
    return history.ended("ExecutionFailed", "DomainError", "why")


DEFINITION = {
    "StartAt": "Train",
    "States": {
        "Train": {
            "Type": "Task",
            "Resource": TOKEN,
            "Comment": "a job",
            "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Train"}],
            "Next": "Score",
        },
        "Score": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Chunk",
                "States": {"Chunk": {"Type": "Task", "Resource": "x", "End": True}},
            },
            "Next": "IsBetter",
        },
        "IsBetter": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.v", "StringEquals": "pass", "Next": "Rollout"}],
            "Default": "Rejected",
        },
        "Rollout": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:switchyard-rollout"
            },
            "End": True,
        },
        "Rejected": {"Type": "Pass", "End": True},
    },
}
MACHINE = json.dumps(DEFINITION)
CHILD = json.dumps(
    {
        "StartAt": "JudgeWindow",
        "States": {
            "JudgeWindow": {"Type": "Task", "Resource": TOKEN, "Next": "Promoted"},
            "Promoted": {"Type": "Pass"},
        },
    }
)

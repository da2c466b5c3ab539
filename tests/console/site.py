"""A stack as the console meets it: ledger and buckets are moto's, executions and endpoints are recorded."""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError, EndpointConnectionError

from switchyard.aws.items import DynamoItems
from switchyard.aws.storage import S3Storage
from switchyard.core.champion import Champion
from switchyard.core.run import Run, RunState
from tests.cli.settled_runs import BEGAN, CHAMPION, RUN_ID, Desk
from tests.console.histories import CHILD, MACHINE, START, TOKEN, History
from tests.contract.cloudformation import resources
from tests.quick_moto import mock_aws

PATIENT = 60.0  # seconds for which a page waits to be read anew: a test sees what is there now
PREFIX = "arn:aws:states:us-east-1:000000000000"
OUTPUTS = {
    "LedgerTableName": "ledger",
    "ArtifactBucketName": "artifacts",
    "DataBucketName": "data",
    "AdmitDatasetFunctionName": "switchyard-admit",
    **{
        f"{name.capitalize()}MachineArn": f"{PREFIX}:stateMachine:switchyard-{name}"
        for name in ("retrain", "rollout", "restore", "transform")
    },
}


class Events:
    """No handlers."""

    def register(self, *_: Any) -> None: ...


class Meta:
    events = Events()


@dataclass
class Recorded:
    """Answers of Step Functions and of SageMaker; `calls` counts them by name."""

    executions: dict[str, tuple[dict[str, Any], History, str]] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    is_down: bool = False
    packages: dict[str, str] = field(default_factory=dict)  # ARN -> ModelApprovalStatus
    reasons: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)  # calls that change something
    invoked: list[dict[str, Any]] = field(default_factory=list)
    # group -> stream, milliseconds, text
    logs: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)
    meta = Meta()

    def record(
        self, machine: str, name: str, history: History, definition: str, status: str, **more: Any
    ) -> None:
        arn = f"{PREFIX}:execution:switchyard-{machine}:{name}"
        described = {
            "executionArn": arn,
            "stateMachineArn": f"{PREFIX}:stateMachine:switchyard-{machine}",
            "name": name,
            "status": status,
            "startDate": START,
            **({} if status == "RUNNING" else {"stopDate": START + timedelta(seconds=90)}),
            **more,
        }
        self.executions[arn] = (described, history, definition)

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's word
        return self._found("describe_execution", executionArn)[0]

    def describe_state_machine_for_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        return {"definition": self._found("describe_state_machine_for_execution", executionArn)[2]}

    def list_executions(self, *, stateMachineArn: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self._called("list_executions")
        all_ = [described for described, _, _ in self.executions.values()]
        return {"executions": [each for each in all_ if each["stateMachineArn"] == stateMachineArn]}

    def get_paginator(self, name: str) -> "Pages":
        return Pages(self, name)

    def list_endpoints(self) -> list[dict[str, str]]:
        self._called("list_endpoints")
        live = {"EndpointName": "switchyard-digits", "EndpointStatus": "InService"}
        return [live] if self.weights else []

    def describe_endpoint(self, *, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        self._called("describe_endpoint")
        if not self.weights:
            said = f"Could not find endpoint {EndpointName!r}."
            raise ClientError({"Error": {"Code": "ValidationException", "Message": said}}, "DescribeEndpoint")
        variants = [{"VariantName": name, "CurrentWeight": weight} for name, weight in self.weights.items()]
        return {"EndpointName": EndpointName, "EndpointStatus": "InService", "ProductionVariants": variants}

    def describe_model_package(self, *, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803
        return {"ModelApprovalStatus": self.packages[ModelPackageName]}

    def describe_log_streams(self, *, logGroupName: str, logStreamNamePrefix: str) -> list[dict[str, str]]:  # noqa: N803
        streams = {stream for stream, _, _ in self._group(logGroupName)}
        return [{"logStreamName": each} for each in streams if each.startswith(logStreamNamePrefix)]

    def filter_log_events(self, *, logGroupName: str, startTime: int, endTime: int, **_: Any) -> list[Any]:  # noqa: N803
        lines = self._group(logGroupName)
        return [{"timestamp": at, "message": text} for _, at, text in lines if startTime <= at <= endTime]

    def _group(self, name: str) -> list[tuple[str, int, str]]:
        self._called("logs")
        if name not in self.logs:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": name}}, "logs")
        return self.logs[name]

    # what changes something

    def update_model_package(
        self,
        *,
        ModelPackageArn: str,  # noqa: N803
        ModelApprovalStatus: str,  # noqa: N803
        ApprovalDescription: str,  # noqa: N803
    ) -> None:
        self._changes("update_model_package")
        self.packages[ModelPackageArn] = ModelApprovalStatus
        self.reasons.append(ApprovalDescription)

    def stop_execution(self, *, executionArn: str, error: str, cause: str) -> None:  # noqa: N803
        self._changes("stop_execution")
        described, history, _ = self._found("stop_execution", executionArn)
        history.ended("ExecutionAborted", error, cause)
        described |= {"status": "ABORTED", "stopDate": START + timedelta(seconds=90)}
        self.reasons.append(cause)

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, str]:  # noqa: N803
        self._changes("start_execution")
        machine = stateMachineArn.rpartition("-")[2]
        self.record(machine, name, History(chained=True).begin(input), CHILD, "RUNNING", input=input)
        return {"executionArn": f"{PREFIX}:execution:switchyard-{machine}:{name}"}

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        self._changes("invoke")
        assert FunctionName == OUTPUTS["AdmitDatasetFunctionName"]
        self.invoked.append(json.loads(Payload))
        answer = {"run_id": "digits-ffffffffffff", "became": "RUNNING"}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def _changes(self, call: str) -> None:
        self._called(call)
        self.changed.append(call)

    def _found(self, call: str, arn: str) -> tuple[dict[str, Any], History, str]:
        self._called(call)
        if arn not in self.executions:
            said = {"Error": {"Code": "ExecutionDoesNotExist", "Message": arn}}
            raise ClientError(said, call)
        return self.executions[arn]

    def _called(self, call: str) -> None:
        self.calls.append(call)
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


@dataclass(frozen=True)
class Pages:
    recorded: Recorded
    name: str

    def paginate(self, *, executionArn: str = "", **more: Any) -> list[dict[str, Any]]:  # noqa: N803
        if self.name == "list_endpoints":
            return [{"Endpoints": self.recorded.list_endpoints()}]
        if self.name == "filter_log_events":
            return [{"events": self.recorded.filter_log_events(**more)}]
        if self.name == "describe_log_streams":
            return [{"logStreams": self.recorded.describe_log_streams(**more)}]
        return [{"events": self.recorded._found(self.name, executionArn)[1].events}]


@dataclass
class Site:
    """An access whose executions are recorded. own: clients of its owner, which may write."""

    clients: dict[str, Any]
    recorded: Recorded
    desk: Desk
    own: dict[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=lambda: OUTPUTS)

    def client(self, service: str) -> Any:
        return self.clients[service]

    def output(self, name: str) -> str:
        return self.outputs[name]

    def to_change(self) -> "Site":
        """The same stack, for whoever may change something."""
        return Site(self.own, self.recorded, self.desk)

    def run_under_way(self, run: Run) -> None:
        """A run that waits in its rollout, which waits for JudgeWindow; `CHAMPION` serves 90 %."""
        ledger = self.desk.ledger
        ledger.set_champion("digits", Champion(CHAMPION, "config", "model", "schema", "0" * 64))
        ledger.create_run(run, BEGAN)
        ledger.acquire("digits", run.run_id)
        ledger.set_state("digits", run.run_id, RunState.RUNNING)
        self.desk.upload(RunState.RUNNING, "", run.run_id)
        parent = History(chained=True).begin().task("Train", TOKEN)
        parent.enter("Rollout", text=json.dumps({"run": run.to_dict(), "token": "TOKEN-OF-A-TASK"}))
        parent.schedule("arn:aws:states:::states:startExecution.sync:2")
        child = History(chained=True).begin()
        child.enter("JudgeWindow")
        child.schedule(TOKEN)
        self.recorded.record("retrain", run.run_id, parent, MACHINE, "RUNNING")
        self.recorded.record("rollout", run.run_id, child, CHILD, "RUNNING")
        self.recorded.weights = {CHAMPION: 90.0, run.run_id: 10.0}


def _services() -> dict[str, Any]:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return {
        "s3": boto3.client("s3", "us-east-1", **keys),
        "dynamodb": boto3.client("dynamodb", "us-east-1", **keys),
    }


@contextmanager
def site() -> Iterator[Site]:
    """An empty stack with the model `digits`; RUN_ID is the id of its usual run."""
    with mock_aws():
        clients, own = _services(), _services()  # the console's refuse to write
        for bucket in ("artifacts", "data"):
            own["s3"].create_bucket(Bucket=bucket)
        own["s3"].put_object(Bucket="artifacts", Key="digits/pipeline.yaml", Body=b"name: digits")
        table = resources("AWS::DynamoDB::Table")["LedgerTable"]
        schema = {key: table[key] for key in ("AttributeDefinitions", "KeySchema", "BillingMode")}
        own["dynamodb"].create_table(TableName="ledger", **schema)
        recorded = Recorded()
        desk = Desk(DynamoItems(own["dynamodb"], "ledger"), S3Storage(own["s3"], "artifacts"))
        both = dict.fromkeys(("stepfunctions", "sagemaker", "lambda", "logs"), recorded)
        yield Site(clients | both, recorded, desk, own | both)


__all__ = ["RUN_ID", "Recorded", "Site", "site"]

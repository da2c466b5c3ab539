"""An AWS in this process for the real adapters: S3 and DynamoDB are moto's; SageMaker, Step Functions, CloudWatch, SQS
and the endpoint's answers are the world's, at botocore's own seam (its parameter validation stays). Every call is
recorded with the function that made it.
"""

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
from botocore.config import Config
from botocore.response import StreamingBody

from switchyard.core.resources.scaling import ScalableTarget
from switchyard.runtime import adapters
from switchyard.runtime.settings import Settings
from tests.contract.aws_sagemaker import RefusedError, sagemaker
from tests.contract.cloudformation import function_of, functions, resources, template
from tests.contract.iam import REGION, ref, resolve
from tests.fakes.installed import computed_once, settings_of, unwire
from tests.fakes.messages import created
from tests.fakes.world import World
from tests.quick_moto import mock_aws

MISSING = ("404", "NoSuchKey", "NotFound")
QUICK = Config(user_agent="days")  # what botocore would say of itself is put together for every call


def environment_of(function: str) -> dict[str, str]:
    """The variables that the template gives a function: Globals and its own."""
    variables: dict[str, Any] = dict(template()["Globals"]["Function"]["Environment"]["Variables"])
    variables |= functions()[function].get("Environment", {}).get("Variables", {})
    return {name: str(resolve(value)) for name, value in variables.items()}


@dataclass(frozen=True)
class Call:
    """One boto3 call: who made it, and what it said."""

    function: str
    service: str
    operation: str
    parameters: Mapping[str, Any]
    was_missing: bool = False


@dataclass
class Recorder:
    """Writes down every call of a world's Lambdas, under the function that is being handled."""

    world: World
    calls: list[Call] = field(default_factory=list)
    function: str = ""
    # Of a thread: asked, what its call has just asked.
    own: threading.local = field(default_factory=threading.local)

    def begin(self, service: str, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        self.own.asked = dict(params)
        if service in PLAYED:
            self.calls.append(Call(self.function, service, model.name, self.own.asked))

    def end(self, service: str, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        if service not in PLAYED:
            missing = parsed.get("Error", {}).get("Code") in MISSING
            self.calls.append(Call(self.function, service, model.name, self.own.asked, missing))

    def play(self, played: "Played", model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        try:
            answer = played(self.world, model.name, self.own.asked)
        except RefusedError as refused:
            said = {"Code": refused.code, "Message": str(refused)}
            error = {"Error": said, "ResponseMetadata": {"HTTPStatusCode": 400}}
            return SimpleNamespace(status_code=400, headers={}), error
        return SimpleNamespace(status_code=200, headers={}), {
            **answer,
            "ResponseMetadata": {"HTTPStatusCode": 200},
        }


@dataclass
class Switch:
    """Clients cost more than the calls they make: they are made once, and speak to whoever records now."""

    recorder: Recorder | None = None

    @property
    def now(self) -> Recorder:
        assert self.recorder is not None, "nobody records"
        return self.recorder


SWITCH = Switch()


@cache
def client(service: str) -> Any:
    made = boto3.client(service, REGION, config=QUICK)  # type: ignore[call-overload]
    events, name = made.meta.events, _id(made)
    events.register(f"provide-client-params.{name}", lambda **e: SWITCH.now.begin(service, **e))
    events.register(f"after-call.{name}", lambda **e: SWITCH.now.end(service, **e))
    if service in PLAYED:
        events.register_first(f"before-call.{name}", lambda **e: SWITCH.now.play(PLAYED[service], **e))
    return made


@cache
def plain(service: str) -> Any:
    """A client of the test's own, that nobody records."""
    return boto3.client(service, REGION)  # type: ignore[call-overload]


def _id(client: Any) -> str:
    return str(client.meta.service_model.service_id.hyphenize())


Played = Callable[[Any, str, Mapping[str, Any]], dict[str, Any]]


def stepfunctions(world: World, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Executions and tokens of the world."""
    if operation == "StartExecution":
        machine = asked["stateMachineArn"].rsplit("-", 1)[-1]
        if (machine, asked["name"]) in world.executions:
            raise RefusedError("ExecutionAlreadyExists", "name in use")
        world._start(machine, asked["name"], json.loads(asked["input"]))
    elif operation == "DescribeExecution":
        machine, name = asked["executionArn"].split(":")[-2:]
        found = world.executions.get((machine.rsplit("-", 1)[-1], name))
        if found is None:
            raise RefusedError("ExecutionDoesNotExist", "no such execution")
        output = {"output": json.dumps(found.output)} if found.status == "SUCCEEDED" else {}
        return {"status": found.status, "error": found.error, "cause": found.cause, **output}
    elif operation == "StopExecution":
        world.stop_retrain(asked["executionArn"].split(":")[-1], asked["cause"])
    elif operation == "SendTaskSuccess":
        world.succeed(asked["taskToken"], json.loads(asked["output"]))
    else:
        world.fail(asked["taskToken"], asked["error"], asked["cause"])
    return {}


def runtime(world: World, _: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Predictions of one variant."""
    lines = asked["Body"].decode().splitlines()
    body = "\n".join(str(world.prediction(asked["TargetVariant"], line)[0]) for line in lines).encode()
    return {"Body": StreamingBody(io.BytesIO(body), len(body))}


def cloudwatch(world: World, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Evidence, and the alarms of the world."""
    if operation == "PutMetricAlarm":
        world.alarms.made[asked["AlarmName"]] = asked  # type: ignore[assignment]
    elif operation == "DeleteAlarms":
        world.alarms.delete(asked["AlarmNames"][0])
    elif operation == "DescribeAlarms":
        found = world.alarms.names(asked["AlarmNamePrefix"])
        return {"MetricAlarms": [{"AlarmName": name} for name in found]}
    else:
        return _periods(world, asked)
    return {}


def autoscaling(world: "RecordedWorld", operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Scalable targets of the fake control plane; a policy is what the last call made of it."""
    targets, policies = world.control.targets, world.policies
    endpoint, variant = asked["ResourceId"].split("/")[1::2] if "ResourceId" in asked else ("", "")
    if operation == "DescribeScalableTargets":
        return {"ScalableTargets": [_target(*key, target) for key, target in targets.items()]}
    if operation == "DescribeScalingPolicies":
        return {"ScalingPolicies": policies.get(asked["ResourceId"], [])}
    if operation == "RegisterScalableTarget":
        targets[endpoint, variant] = ScalableTarget(variant, asked["MinCapacity"], asked["MaxCapacity"])
    elif operation == "PutScalingPolicy":
        others = [p for p in policies.get(asked["ResourceId"], []) if p["PolicyName"] != asked["PolicyName"]]
        policies[asked["ResourceId"]] = [*others, {**asked, "PolicyARN": "arn:policy"}]
        return {"PolicyARN": "arn:policy"}
    elif targets.pop((endpoint, variant), None) is None:
        raise RefusedError("ObjectNotFoundException", "No scalable target found")
    else:
        policies.pop(asked["ResourceId"], None)
    return {}


def _target(endpoint: str, variant: str, target: ScalableTarget) -> dict[str, Any]:
    resource = f"endpoint/{endpoint}/variant/{variant}"
    place = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
    return {**place, "ResourceId": resource, "MinCapacity": target.minimum, "MaxCapacity": target.maximum}


def _periods(world: World, asked: Mapping[str, Any]) -> dict[str, Any]:
    """One closed period of either variant; of a champion alone, that before the swap which is compared with it."""
    dimensions = {q["Id"]: _variant_of(q) for q in asked["MetricDataQueries"]}
    if "n1" not in dimensions:
        when, past = (
            asked["StartTime"],
            {"n": 180_000.0},
        )  # which lies as far before the swap as n1's after it
        results = [{"Id": i, "Timestamps": [when], "Values": [past.get(i[0], 0.0)]} for i in dimensions]
        return {"MetricDataResults": results}
    stage = int(str((world.ledger.rollout(dimensions["n1"]) or {"stage": 0})["stage"]))
    block = world.blocks(
        dimensions.get("n0", ""), dimensions["n1"], 0.0, asked["EndTime"].timestamp(), stage
    )[0]
    values = {"n0": block.n0, "n1": block.n1, "e0": block.s0, "e1": block.s1}
    when = asked["EndTime"] - timedelta(seconds=asked["MetricDataQueries"][0]["MetricStat"]["Period"])
    return {
        "MetricDataResults": [
            {"Id": i, "Timestamps": [when], "Values": [float(values.get(i[0] + i[-1], 0))]}
            for i in dimensions
        ]
    }


def _variant_of(query: Mapping[str, Any]) -> str:
    dimensions = query["MetricStat"]["Metric"]["Dimensions"]
    return next(str(d["Value"]) for d in dimensions if d["Name"] == "VariantName")


def sqs(world: World, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The looks queue and the arrivals'; a message that is put off comes back by itself."""
    if operation == "SendMessage" and "retrain" in asked["MessageBody"]:
        world.send(json.loads(asked["MessageBody"])["retrain"])
    elif operation == "SendMessage" and "join" in asked["MessageBody"]:
        world.join_labels(json.loads(asked["MessageBody"])["join"])
    elif operation == "SendMessage" and "detail" in asked["MessageBody"]:
        world.arrive(json.loads(asked["MessageBody"])["detail"]["object"]["key"])
    elif operation == "SendMessage":
        world.looks.append(json.loads(asked["MessageBody"]))
    elif operation == "ReceiveMessage":
        letter = world.dead_letters.receive()
        return {"Messages": [{"ReceiptHandle": letter.receipt, "Body": letter.body}]} if letter else {}
    elif operation == "DeleteMessage":
        world.dead_letters.delete(asked["ReceiptHandle"])
    return {}


PLAYED: dict[str, Played] = {
    "sqs": sqs,
    "stepfunctions": stepfunctions,
    "sagemaker": sagemaker,
    "sagemaker-runtime": runtime,
    "cloudwatch": cloudwatch,
    "application-autoscaling": autoscaling,
    "sns": lambda _world, _operation, _asked: {"MessageId": "m"},
}


class RecordedWorld(World):
    """A world whose Lambdas are wired for real, each with exactly the variables that the template gives it."""

    recorder: Recorder

    def __post_init__(self) -> None:
        super().__post_init__()
        self.policies: dict[str, list[Mapping[str, Any]]] = {}

    def admission(self, key: str) -> None:
        """An object has arrived."""
        self.handle("admit_dataset", created(key))

    def handle(self, name: str, document: Mapping[str, Any]) -> Any:
        unwire()
        function = self.recorder.function = function_of(name)
        variables = environment_of(function)
        deployed = {name: value for name, value in settings_of(self).items() if name in variables}
        settings = Settings(variables | deployed)
        with patch.object(adapters, "from_environment", lambda: settings):
            return super().handle(name, document)


@contextmanager
def recorded(world: RecordedWorld) -> Iterator[Recorder]:
    """The world's S3, table and queues in moto; its handlers on real clients."""
    from switchyard.aws.items import DynamoItems
    from switchyard.aws.storage import S3Storage
    from switchyard.core.ledger.ledger import Ledger

    with ExitStack() as stack:
        stack.enter_context(mock_aws())
        stack.enter_context(computed_once())
        recorder = world.recorder = SWITCH.recorder = Recorder(world)
        _create(ref("DataBucket"), ref("ArtifactBucket"))
        plain("logs").create_log_group(logGroupName="/aws/sagemaker/Endpoints/switchyard-digits")
        s3, dynamodb = plain("s3"), plain("dynamodb")
        old = world.artifacts
        world.data = S3Storage(s3, ref("DataBucket"))  # type: ignore[assignment]
        world.artifacts = S3Storage(s3, ref("ArtifactBucket"))  # type: ignore[assignment]
        for key, (body, _) in old.objects.items():
            world.artifacts.write(key, body)
        world.ledger = Ledger(DynamoItems(dynamodb, ref("LedgerTable")), world.clock)
        stack.enter_context(patch.object(adapters, "client", client))
        stack.enter_context(patch.object(adapters, "time", SimpleNamespace(time=world.clock)))
        yield recorder
    unwire()


def _create(*buckets: str) -> None:
    for bucket in buckets:
        plain("s3").create_bucket(Bucket=bucket)
    table = resources("AWS::DynamoDB::Table")["LedgerTable"]
    keys = ("AttributeDefinitions", "KeySchema", "BillingMode")
    plain("dynamodb").create_table(TableName=ref("LedgerTable"), **{k: table[k] for k in keys})

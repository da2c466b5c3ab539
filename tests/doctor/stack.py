"""A small deployed stack on moto: one of each kind of part that the doctor looks at."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cli.doctor.deployment import Deployment, Resource
from tests.cli.deployed import Deployed, deployed_stack

ROLE = "arn:aws:iam::123456789012:role/any"
PASS = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})


def _code() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("handler.py", "def handler(event, _): return event\n")
    return held.getvalue()


def _resources(stack: Deployed) -> Iterator[Resource]:
    def part(logical: str, kind: str, name: str) -> Resource:
        return Resource(logical, kind, name, "CREATE_COMPLETE")

    trust = {"Version": "2012-10-17", "Statement": []}
    stack.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=json.dumps(trust))
    stack.client("lambda").create_function(
        FunctionName="sweep",
        Runtime="python3.11",
        Role=ROLE,
        Handler="handler.handler",
        Code={"ZipFile": _code()},
    )
    yield part("SweepFunction", "AWS::Lambda::Function", "sweep")
    sqs = stack.client("sqs")
    for logical, name in (("ArrivalQueue", "arrivals"), ("ArrivalDeadLetters", "arrivals-dead")):
        yield part(logical, "AWS::SQS::Queue", sqs.create_queue(QueueName=name)["QueueUrl"])
    source = stack.client("lambda").create_event_source_mapping(
        FunctionName="sweep", EventSourceArn="arn:aws:sqs:us-east-1:123456789012:arrivals", Enabled=True
    )
    yield part("SweepFunctionArrivals", "AWS::Lambda::EventSourceMapping", source["UUID"])
    stack.client("events").put_rule(Name="drops", EventPattern=json.dumps({"source": ["aws.s3"]}))
    yield part("DropRule", "AWS::Events::Rule", "drops")
    machine = stack.client("stepfunctions").create_state_machine(
        name="switchyard-retrain", definition=PASS, roleArn=ROLE
    )
    yield part("RetrainMachine", "AWS::StepFunctions::StateMachine", machine["stateMachineArn"])
    alarm = {"MetricName": "RunFailed", "Namespace": "Switchyard", "Period": 60, "EvaluationPeriods": 1}
    stack.client("cloudwatch").put_metric_alarm(
        AlarmName="failed", Threshold=1, ComparisonOperator="GreaterThanThreshold", Statistic="Sum", **alarm
    )
    yield part("FailedAlarm", "AWS::CloudWatch::Alarm", "failed")
    stack.client("ecr").create_repository(repositoryName="switchyard-xgboost")
    yield part("ImageRepository", "AWS::ECR::Repository", "switchyard-xgboost")


def _answer_event_bridge(s3: Any) -> None:
    """moto keeps a bucket's EventBridgeConfiguration and leaves it out when it is asked for; S3 answers it."""
    kept: dict[str, bool] = {}

    def note(params: dict[str, Any], **_: Any) -> None:
        kept[params["Bucket"]] = "EventBridgeConfiguration" in params["NotificationConfiguration"]

    def tell(parsed: dict[str, Any], **_: Any) -> None:
        if kept.get("data"):
            parsed["EventBridgeConfiguration"] = {}

    s3.meta.events.register("before-parameter-build.s3.PutBucketNotificationConfiguration", note)
    s3.meta.events.register("after-call.s3.GetBucketNotificationConfiguration", tell)


@contextmanager
def sound_stack() -> Iterator[Deployment]:
    """Nothing is amiss but that its repository holds no image yet."""
    with deployed_stack() as stack:
        s3 = stack.client("s3")
        _answer_event_bridge(s3)
        s3.create_bucket(Bucket="data")
        s3.put_bucket_notification_configuration(
            Bucket="data", NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        topic = stack.client("sns").create_topic(Name="notices")["TopicArn"]
        stack.outputs = {**stack.outputs, "NoticesTopicArn": topic}
        yield Deployment(stack, list(_resources(stack)))

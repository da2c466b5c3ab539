"""MaximumConcurrency by a parameter of the template, as CloudFormation takes it."""

import json
from typing import Any

from .conftest import MiniStack, until

ECHO = "def handler(event, context):\n    return {'batchItemFailures': []}\n"


def template(arn: str) -> str:
    """A queue whose function takes as many messages at once as the parameter says."""
    mapping: dict[str, Any] = {
        "FunctionName": "takes",
        "EventSourceArn": arn,
        "BatchSize": 1,
        "ScalingConfig": {"MaximumConcurrency": {"Ref": "AtOnce"}},
    }
    return json.dumps(
        {
            "Parameters": {"AtOnce": {"Type": "Number", "Default": 4}},
            "Resources": {"M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}},
        }
    )


def test_messages_are_taken_when_a_parameter_says_how_many_at_once(ministack: MiniStack) -> None:
    ministack.function("takes", ECHO)
    sqs, cloudformation = ministack.client("sqs"), ministack.client("cloudformation")
    queue = sqs.create_queue(QueueName="taken")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for call, at_once in ((cloudformation.create_stack, "4"), (cloudformation.update_stack, "7")):
        parameters = [{"ParameterKey": "AtOnce", "ParameterValue": at_once}]
        call(StackName="scaling", TemplateBody=template(arn), Parameters=parameters)
        until(lambda wanted=int(at_once): mapped(ministack, arn) == wanted)  # type: ignore[misc]
        sqs.send_message(QueueUrl=queue, MessageBody="{}")
        until(lambda: left(sqs, queue) == 0)


def mapped(ministack: MiniStack, arn: str) -> object:
    found = ministack.client("lambda").list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]
    return found[0]["ScalingConfig"]["MaximumConcurrency"] if found else None


def left(sqs: Any, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)

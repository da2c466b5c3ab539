"""Queues that collect notifications."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.plane.hosting.asynchronous.builders import Inbox
from tests.plane.support.harness import client
from tests.plane.support.serving_plane import backend, plane

__all__ = ["backend", "plane"]


@pytest.fixture
def inbox(aws_url: str) -> Inbox:
    """A queue behind a topic of this test."""
    sns, sqs = client("sns", aws_url), client("sqs", aws_url)
    name = f"async-{time.time_ns()}"
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})

    def receive() -> list[Any]:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for each in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
        return [json.loads(each["Body"]) for each in messages]

    return Inbox(topic, receive)

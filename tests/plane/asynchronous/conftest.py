"""A plane with the real data plane, whose containers are handlers; queues that collect notifications."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plane.asynchronous.builders import Inbox, pack_model
from tests.plane.control.harness import IMAGE, Harness, client, serve, settings_in
from tests.plane.serving import ServingBackend


@pytest.fixture
def backend() -> ServingBackend:
    backend = ServingBackend()
    backend.handlers[IMAGE] = lambda asked: b"answer to " + asked.body
    return backend


@pytest.fixture
def plane(
    tmp_path: Path, aws_url: str, backend: ServingBackend, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Harness]:
    monkeypatch.setenv("SAGEMAKER_LOCAL_METRIC_PERIOD_SECONDS", "0.5")
    pack_model(tmp_path, s3)
    with serve(settings_in(tmp_path / "plane", aws_url), backend) as harness:
        harness.create_model("one")
        yield harness


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

"""The adapter of ports.Notices against an SNS topic."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from switchyard.adapters.notices import SnsNotices


@pytest.fixture
def sns() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("sns", "us-east-1")


def test_a_subscriber_gets_the_text_under_a_subject_that_sns_takes(sns: Any) -> None:
    topic = sns.create_topic(Name="notices")["TopicArn"]
    sqs = boto3.client("sqs", "us-east-1")
    queue = sqs.create_queue(QueueName="reader")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    SnsNotices(sns, topic).tell("é\n" * 80, "Why: é")
    message = json.loads(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    assert message["Message"] == "Why: é"
    assert message["Subject"].isascii()
    assert len(message["Subject"]) < 100


def test_a_topic_that_is_gone_is_logged_and_keeps_nobody_from_ending(
    sns: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # whoever configured logging before may have disabled the loggers that were there
    monkeypatch.setattr(logging.getLogger("switchyard.adapters.notices"), "disabled", False)
    with caplog.at_level(logging.ERROR):
        SnsNotices(sns, "arn:aws:sns:us-east-1:123456789012:gone").tell("digits: FAILED", "why")
    assert "nobody was told of 'digits: FAILED'" in caplog.text

"""The adapter of ports.Notices against an SNS topic."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import boto3
import pytest

from switchyard.aws import notices
from switchyard.aws.notices import SnsNotices
from switchyard.runtime import entry
from tests.quick_moto import mock_aws


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
    sns: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Mock()
    monkeypatch.setattr(notices, "logger", log)
    SnsNotices(sns, "arn:aws:sns:us-east-1:123456789012:gone").tell("digits: FAILED", "why")
    assert "nobody was told of 'digits: FAILED'" in log.exception.call_args.args[0]


def test_what_is_logged_goes_out_by_the_handler_of_every_function() -> None:
    assert notices.logger._logger.parent is entry.logger._logger

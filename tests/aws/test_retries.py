"""The adapter of ports.Retries: a message that cannot be handled comes back later each time."""

from typing import Any
from unittest.mock import Mock

import pytest

from switchyard.aws.retries import DELAYS_SECONDS, SqsRetries


def delay_after(tries: int) -> int:
    sqs = Mock()
    record: dict[str, Any] = {"receiptHandle": "r", "attributes": {"ApproximateReceiveCount": str(tries)}}
    SqsRetries(sqs, "queue").postpone(record)
    [call] = sqs.change_message_visibility.call_args_list
    assert (call.kwargs["QueueUrl"], call.kwargs["ReceiptHandle"]) == ("queue", "r")
    return int(call.kwargs["VisibilityTimeout"])


def test_each_try_waits_longer_than_the_one_before() -> None:
    assert [delay_after(tries) for tries in range(1, 6)] == list(DELAYS_SECONDS)


@pytest.mark.parametrize("tries", [6, 7, 100])
def test_a_message_that_a_person_gave_back_waits_no_longer_than_the_longest(tries: int) -> None:
    assert delay_after(tries) == DELAYS_SECONDS[-1]

"""What DynamoDB answers to several items at once, where it is no plain yes or no."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from switchyard.aws.items import DynamoItems
from switchyard.core.ports import Delete, Put
from switchyard.runtime.transient import is_transient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TWO = [Put({"pk": "MODEL#a", "sk": "RUN#1"}, absent=True), Delete("MODEL#a", "WAITING")]


@pytest.fixture
def client() -> "DynamoDBClient":
    return boto3.client("dynamodb", "us-east-1")


@pytest.fixture
def stubber(client: "DynamoDBClient") -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def refused(stubber: Stubber, *reasons: str) -> None:
    told: dict[str, Any] = {"CancellationReasons": [{"Code": reason} for reason in reasons]}
    stubber.add_client_error(
        "transact_write_items", "TransactionCanceledException", http_status_code=400, modeled_fields=told
    )


def test_a_condition_that_fails_is_an_answer(client: "DynamoDBClient", stubber: Stubber) -> None:
    refused(stubber, "ConditionalCheckFailed", "None")
    assert not DynamoItems(client, "ledger").write(TWO)


def test_another_write_under_way_is_transient(client: "DynamoDBClient", stubber: Stubber) -> None:
    refused(stubber, "None", "TransactionConflict")
    with pytest.raises(ClientError) as raised:
        DynamoItems(client, "ledger").write(TWO)
    assert is_transient(raised.value)


def test_what_is_left_out_for_want_of_capacity_is_asked_for_once_more(
    client: "DynamoDBClient", stubber: Stubber
) -> None:
    first, second = ({"pk": {"S": "MODEL#a"}, "sk": {"S": f"RUN#{number}"}} for number in (1, 2))
    left = {"ledger": {"Keys": [second]}}
    stubber.add_response("batch_get_item", {"Responses": {"ledger": [first]}, "UnprocessedKeys": left})
    stubber.add_response("get_item", {"Item": {**second, "laps": {"N": "3"}}})
    found = DynamoItems(client, "ledger").get_all([("MODEL#a", "RUN#1"), ("MODEL#a", "RUN#2")])
    assert found == [{"pk": "MODEL#a", "sk": "RUN#1"}, {"pk": "MODEL#a", "sk": "RUN#2", "laps": 3}]

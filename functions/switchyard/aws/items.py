"""The ledger's table in DynamoDB: strings and whole numbers only, every read consistent."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from switchyard.core.ports import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoItems:
    """Fulfils ports.Items on one table with keys pk and sk."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def get(self, pk: str, sk: str) -> Item | None:
        answer = self._client.get_item(
            TableName=self._table, Key=_encode({"pk": pk, "sk": sk}), ConsistentRead=True
        )
        return _decode(answer["Item"]) if "Item" in answer else None

    def put(self, item: Item, *, absent: bool = False) -> bool:
        condition = {"ConditionExpression": "attribute_not_exists(pk)"} if absent else {}
        return self._try("put_item", Item=_encode(item), **condition)

    def update(self, pk: str, sk: str, changes: Item, *, expected: Item | None = None) -> bool:
        names, values, conditions = _conditions(expected)
        sets = []
        for index, (name, value) in enumerate(changes.items()):
            names[f"#s{index}"], values[f":s{index}"] = name, value
            sets.append(f"#s{index} = :s{index}")
        extra = {"ConditionExpression": conditions} if conditions else {}
        return self._try(
            "update_item",
            Key=_encode({"pk": pk, "sk": sk}),
            UpdateExpression="SET " + ", ".join(sets),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=_encode(values),
            **extra,
        )

    def delete(self, pk: str, sk: str, *, expected: Item | None = None) -> bool:
        names, values, conditions = _conditions(expected)
        extra: dict[str, Any] = {}
        if conditions:
            extra = {
                "ConditionExpression": conditions,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": _encode(values),
            }
        return self._try("delete_item", Key=_encode({"pk": pk, "sk": sk}), **extra)

    def query(self, pk: str, prefix: str = "") -> list[Item]:
        values: Item = {":pk": pk, ":sk": prefix} if prefix else {":pk": pk}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk" + (" AND begins_with(sk, :sk)" if prefix else ""),
            ExpressionAttributeValues=_encode(values),
            ConsistentRead=True,
        )
        return [_decode(item) for page in pages for item in page["Items"]]

    def _try(self, operation: str, **arguments: Any) -> bool:
        try:
            getattr(self._client, operation)(TableName=self._table, **arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _conditions(expected: Item | None) -> tuple[dict[str, str], Item, str]:
    names: dict[str, str] = {}
    values: Item = {}
    parts = []
    for index, (name, value) in enumerate((expected or {}).items()):
        names[f"#c{index}"], values[f":c{index}"] = name, value
        parts.append(f"#c{index} = :c{index}")
    return names, values, " AND ".join(parts)


def _encode(item: Item) -> dict[str, Any]:
    return {name: {"N": str(v)} if isinstance(v, int) else {"S": v} for name, v in item.items()}


def _decode(item: dict[str, Any]) -> Item:
    pairs: Iterable[tuple[str, dict[str, str]]] = item.items()
    return {name: int(value["N"]) if "N" in value else value["S"] for name, value in pairs}

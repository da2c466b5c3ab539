"""The ledger's table in DynamoDB: strings and whole numbers only, every read consistent."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from switchyard.core.ports import Change, Delete, Item, Put, Update

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_KEYS = 100  # of one BatchGetItem
ALONE = {Put: "put_item", Update: "update_item", Delete: "delete_item"}


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

    def get_all(self, keys: Sequence[tuple[str, str]]) -> list[Item | None]:
        found: dict[tuple[str, str], Item | None] = {}
        distinct = list(dict.fromkeys(keys))
        for begin in range(0, len(distinct), MOST_KEYS):
            found |= self._batch(distinct[begin : begin + MOST_KEYS])
        return [found.get(key) for key in keys]

    def _batch(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Item | None]:
        """By key. What DynamoDB leaves out for want of capacity is asked for alone, with the client's own retries."""
        asked: Any = {"Keys": [_encode({"pk": pk, "sk": sk}) for pk, sk in keys], "ConsistentRead": True}
        answer: Any = self._client.batch_get_item(RequestItems={self._table: asked})
        items = map(_decode, answer["Responses"].get(self._table, []))
        left = answer["UnprocessedKeys"].get(self._table, {}).get("Keys", [])
        found: dict[tuple[str, str], Item | None] = {_key(item): item for item in items}
        return found | {key: self.get(*key) for key in map(_key, map(_decode, left))}

    def put(self, item: Item, *, absent: bool = False) -> bool:
        return self._write(Put(item, absent))

    def update(self, pk: str, sk: str, changes: Item, *, expected: Item | None = None) -> bool:
        return self._write(Update(pk, sk, changes, expected))

    def delete(self, pk: str, sk: str, *, expected: Item | None = None) -> bool:
        return self._write(Delete(pk, sk, expected))

    def write(self, changes: Sequence[Change]) -> bool:
        if len(changes) == 1:
            return self._write(changes[0])
        asked: Any = [{type(each).__name__: {"TableName": self._table, **_asked(each)}} for each in changes]
        try:
            self._client.transact_write_items(TransactItems=asked)
        except self._client.exceptions.TransactionCanceledException as error:
            if any(
                each.get("Code") == "ConditionalCheckFailed" for each in error.response["CancellationReasons"]
            ):
                return False
            raise
        return True

    def query(self, pk: str, prefix: str = "") -> list[Item]:
        values: Item = {":pk": pk, ":sk": prefix} if prefix else {":pk": pk}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk" + (" AND begins_with(sk, :sk)" if prefix else ""),
            ExpressionAttributeValues=_encode(values),
            ConsistentRead=True,
        )
        return [_decode(item) for page in pages for item in page["Items"]]

    def _write(self, change: Change) -> bool:
        try:
            getattr(self._client, ALONE[type(change)])(TableName=self._table, **_asked(change))
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _asked(change: Change) -> dict[str, Any]:
    """The members of the request, which are the same alone and in a transaction."""
    if isinstance(change, Put):
        condition = {"ConditionExpression": "attribute_not_exists(pk)"} if change.absent else {}
        return {"Item": _encode(change.item), **condition}
    names, values, conditions = _conditions(change.expected)
    asked: dict[str, Any] = {"Key": _encode({"pk": change.pk, "sk": change.sk})}
    if isinstance(change, Update):
        sets = []
        for index, (name, value) in enumerate(change.changes.items()):
            names[f"#s{index}"], values[f":s{index}"] = name, value
            sets.append(f"#s{index} = :s{index}")
        asked["UpdateExpression"] = "SET " + ", ".join(sets)
    if names:
        asked |= {"ExpressionAttributeNames": names, "ExpressionAttributeValues": _encode(values)}
    return asked | ({"ConditionExpression": conditions} if conditions else {})


def _conditions(expected: Item | None) -> tuple[dict[str, str], Item, str]:
    names: dict[str, str] = {}
    values: Item = {}
    parts = []
    for index, (name, value) in enumerate((expected or {}).items()):
        names[f"#c{index}"], values[f":c{index}"] = name, value
        parts.append(f"#c{index} = :c{index}")
    return names, values, " AND ".join(parts)


def _key(item: Item) -> tuple[str, str]:
    return str(item["pk"]), str(item["sk"])


def _encode(item: Item) -> dict[str, Any]:
    return {name: {"N": str(v)} if isinstance(v, int) else {"S": v} for name, v in item.items()}


def _decode(item: dict[str, Any]) -> Item:
    pairs: Iterable[tuple[str, dict[str, str]]] = item.items()
    return {name: int(value["N"]) if "N" in value else value["S"] for name, value in pairs}

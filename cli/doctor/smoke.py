"""The shortest way through the front door: an object is put, and the ledger must tell of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator

from cli.doctor.check import Check, broken, ok
from cli.doctor.deployment import Deployment

SECONDS = 120.0
PAUSE_SECONDS = 1.0
BODY = b"target,feature\n0,1\n1,2\n"


def arrival(
    stack: Deployment,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
    seconds: float = SECONDS,
) -> Iterator[Check]:
    """A drop of a model that nobody has declared: it ends INVALID, and both traces of it are removed again."""
    model = f"doctor-{secrets.token_hex(4)}"
    bucket, key = stack.access.output("DataBucketName"), f"{model}/train/smoke.csv"
    s3, began = stack.access.client("s3"), clock()
    s3.put_object(Bucket=bucket, Key=key, Body=BODY)
    try:
        found = _wait(stack, model, lambda: clock() - began < seconds, pause)
    finally:
        s3.delete_object(Bucket=bucket, Key=key)
    if found:
        yield ok("a drop arrives", f"in the ledger after {clock() - began:.0f} s")
    else:
        yield broken(
            "a drop arrives",
            f"s3://{bucket}/{key} was not in the ledger after {seconds:.0f} s",
            "Look in this order: the rule of the data bucket in EventBridge, the arrival queue and its dead letters, "
            "the log of AdmitDataset (`switchyard logs`).",
        )


def _wait(stack: Deployment, model: str, goes_on: Callable[[], bool], pause: Callable[[float], None]) -> bool:
    while goes_on():
        if _forget(stack, model):
            return True
        pause(PAUSE_SECONDS)
    return _forget(stack, model)


def _forget(stack: Deployment, model: str) -> bool:
    """True once there was something, which is then gone."""
    client, table = stack.access.client("dynamodb"), stack.access.output("LedgerTableName")
    asked = {"ExpressionAttributeValues": {":model": {"S": f"MODEL#{model}"}}, "ConsistentRead": True}
    items = client.query(TableName=table, KeyConditionExpression="pk = :model", **asked)["Items"]
    for item in items:
        client.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
    return bool(items)

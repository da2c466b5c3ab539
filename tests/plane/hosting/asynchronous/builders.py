"""Asynchronous endpoints of the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.plane.support.harness import BUCKET, Harness, eventually


@dataclass
class Inbox:
    """What was published to a topic so far."""

    topic: str
    receive: Callable[[], list[Any]]
    messages: list[Any] = field(default_factory=list)

    def named(self, event: str) -> list[Any]:
        self.messages += self.receive()
        return [each for each in self.messages if each["eventName"] == event]

    def results(self, count: int = 1) -> list[Any]:
        return eventually(lambda: self.named("InferenceResult"), lambda seen: len(seen) >= count)


def config(**output: Any) -> dict[str, Any]:
    """AsyncInferenceConfig."""
    paths = {"S3OutputPath": f"s3://{BUCKET}/async/out", "S3FailurePath": f"s3://{BUCKET}/async/failed"}
    return {"OutputConfig": paths | output, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2}}


def deploy(plane: Harness, name: str, asynchronous: dict[str, Any] | None = None) -> None:
    plane.create_config(name, {"one": 1}, AsyncInferenceConfig=asynchronous or config())
    plane.sm.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert plane.endpoint(name)["EndpointStatus"] == "InService"


def ask(plane: Harness, endpoint: str, s3: Any, body: bytes, **members: Any) -> dict[str, Any]:
    """InvokeEndpointAsync with an input in S3."""
    key = f"async/in/{endpoint}"
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    answer: dict[str, Any] = plane.runtime.invoke_endpoint_async(
        EndpointName=endpoint, InputLocation=f"s3://{BUCKET}/{key}", ContentType="text/csv", **members
    )
    return answer


def written(s3: Any, uri: str) -> str:
    """The object at `uri`, once it is there."""
    bucket, key = uri.removeprefix("s3://").split("/", 1)

    def read() -> str | None:
        try:
            return str(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode())
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return None

    return str(eventually(read))

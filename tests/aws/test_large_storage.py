"""Reads of hours and copies of any size: what breaks off goes on, on the object that was listed or not at all."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import IncompleteReadError, ReadTimeoutError

from switchyard.aws import large_storage
from switchyard.aws.large_storage import TRIES, LargeStorage
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import StoredObject
from tests.quick_moto import mock_aws

BODY = bytes(range(256)) * 16
TIMEOUT = ReadTimeoutError(endpoint_url="https://s3")


class Answers:
    """A client whose reads break off: each of `given` is how many bytes it gives before, None for all."""

    def __init__(self, *given: int | None) -> None:
        self.given, self.asked = list(given), []

    def get_object(self, **how: Any) -> dict[str, Any]:
        self.asked.append(how)
        start = int(how.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        return {"Body": Mock(iter_chunks=lambda _size: self._chunks(BODY[start:], self.given.pop(0)))}

    def _chunks(self, body: bytes, most: int | None) -> Iterator[bytes]:
        for at in range(0, len(body), 100):
            if most is not None and at >= most:
                raise (TIMEOUT if most else IncompleteReadError(actual_bytes=1, expected_bytes=2))
            yield body[at : at + 100]


def test_a_read_that_breaks_off_goes_on_where_it_was_on_the_same_object() -> None:
    client: Any = Answers(300, 0, 1000, None)
    assert b"".join(LargeStorage(client, "data").chunks("a.csv", "etag")) == BODY
    assert [each.get("Range") for each in client.asked] == [None, "bytes=300-", "bytes=300-", "bytes=1300-"]
    assert {each["IfMatch"] for each in client.asked} == {"etag"}


def test_a_read_that_never_goes_on_is_given_up() -> None:
    client: Any = Answers(*[0] * (TRIES + 1))
    with pytest.raises(IncompleteReadError):
        list(LargeStorage(client, "data").chunks("a.csv"))
    assert len(client.asked) == TRIES


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", "us-east-1")
        for name in ("data", "artifacts"):
            client.create_bucket(Bucket=name)
        yield client


def test_a_large_object_is_copied_in_parts_and_only_as_it_was_listed(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_storage, "LARGEST_COPY", 1024)
    body = bytes(17 * 1024**2)  # in three parts of s3transfer's
    s3.put_object(Bucket="data", Key="a.csv", Body=body, Tagging="team=risk")
    data, artifacts = LargeStorage(s3, "data"), LargeStorage(s3, "artifacts")
    [listed] = data.list("a.csv")
    artifacts.copy_from(data, listed, "copy.csv")
    assert artifacts.read("copy.csv") == body
    s3.put_object(Bucket="data", Key="a.csv", Body=body + b"x")
    with pytest.raises(InvalidDatasetError, match="changed while it was read"):
        artifacts.copy_from(data, listed, "other.csv")
    assert not artifacts.exists("other.csv")


def test_a_small_one_is_copied_at_once() -> None:
    client = Mock()
    LargeStorage(client, "artifacts").copy_from(
        LargeStorage(client, "data"), StoredObject("a", 3, "e", 0.0), "b"
    )
    assert client.copy_object.call_args.kwargs["CopySourceIfMatch"] == "e"

"""Whether a failed call is tried again is decided once, over all that botocore can raise and all that it retries."""

import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import botocore
import botocore.exceptions
import pytest
from botocore.exceptions import ClientError
from botocore.retries import standard
from botocore.stub import Stubber

from switchyard.aws.storage import S3Storage
from switchyard.core.errors import TransientError
from switchyard.runtime.clients import config
from switchyard.runtime.entry import handler
from switchyard.runtime.transient import OURS, RETRIED

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="id"
)
TRANSIENT = {
    "ChecksumError",
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "ConnectionError",
    "CredentialRetrievalError",
    "EndpointConnectionError",
    "FlexibleChecksumError",
    "HTTPClientError",
    "IncompleteReadError",
    "MetadataRetrievalError",
    "ProxyConnectionError",
    "ReadTimeoutError",
    "ResponseStreamingError",
    "SSLError",
}


def classes() -> Iterator[type[Exception]]:
    module = botocore.exceptions
    for _, found in inspect.getmembers(module, inspect.isclass):
        if issubclass(found, Exception) and found.__module__ == module.__name__:
            yield found


def made(kind: type[Exception]) -> Exception:
    """One of it without a constructor's help: what it is decides, and no argument."""
    return kind.__new__(kind)


def raised(error: Exception) -> type[BaseException]:
    """What a machine sees when a handler's call ends so."""

    def call(_event: Any) -> None:
        raise error

    with pytest.raises(Exception) as caught:  # noqa: PT011 its class is the answer
        handler(call)({}, CONTEXT)
    return caught.type


def refusal(code: str, status: int = 400) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "said"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "AnOperation")


@pytest.mark.parametrize("kind", list(classes()), ids=lambda kind: kind.__name__)
def test_every_exception_of_botocore_is_transient_or_is_not(kind: type[Exception]) -> None:
    if issubclass(kind, ClientError):
        return  # by its code: below
    wanted = TransientError if kind.__name__ in TRANSIENT else kind
    assert raised(made(kind)) is wanted


def retried_codes() -> set[str]:
    """Of data/_retry.json, in every service, and of the retry mode "standard"."""
    table = json.loads((Path(botocore.__file__).parent / "data" / "_retry.json").read_text())
    found = set(_codes(table))
    found |= set(standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
    return found | set(standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES)


def _codes(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "service_error_code" in node:
            yield str(node["service_error_code"])
        for each in node.values():
            yield from _codes(each)


def test_the_table_of_codes_is_botocores() -> None:
    assert retried_codes() == RETRIED


@pytest.mark.parametrize("code", sorted(RETRIED | OURS))
def test_a_retried_code_is_transient_whatever_its_status(code: str) -> None:
    assert raised(refusal(code)) is TransientError


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 509])
def test_a_retried_status_is_transient_whatever_its_code(status: int) -> None:
    assert raised(refusal("Whatever", status)) is TransientError


@pytest.mark.parametrize(
    "code", ["AccessDenied", "ValidationException", "NoSuchKey", "ResourceLimitExceeded"]
)
def test_a_refusal_is_final(code: str) -> None:
    assert raised(refusal(code)) is ClientError


@pytest.mark.parametrize(("code", "wanted"), [("SlowDown", True), ("AccessDenied", False)])
def test_a_failed_upload_is_what_broke_it(tmp_path: Path, code: str, wanted: bool) -> None:
    """boto3's upload_file would hide the refusal in an error of its own."""
    file = tmp_path / "part"
    file.write_bytes(b"1,2")
    client = boto3.client("s3", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    stubber = Stubber(client)
    stubber.add_client_error("put_object", code, "no", 400)
    with stubber, pytest.raises(Exception, match=code) as caught:
        handler(lambda _event: S3Storage(client, "b").upload("k", str(file)))({}, CONTEXT)
    assert (caught.type is TransientError) is wanted


def test_a_port_that_nobody_listens_on_is_transient() -> None:
    unheard = boto3.client(
        "sqs",
        "us-east-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(retries={"max_attempts": 0}, connect_timeout=1),
    )
    with pytest.raises(TransientError, match="EndpointConnectionError"):
        handler(lambda _event: unheard.list_queues())({}, CONTEXT)


def test_the_error_says_which_it_was() -> None:
    def call(_event: Any) -> None:
        raise botocore.exceptions.EndpointConnectionError(endpoint_url="http://there")

    with pytest.raises(TransientError, match="EndpointConnectionError: Could not connect"):
        handler(call)({}, CONTEXT)


def test_invoke_endpoint_is_waited_for_longer_than_a_model_may_take() -> None:
    assert config("sagemaker-runtime").read_timeout == 70
    assert config("sagemaker").read_timeout == 50

"""Signatures: whatever boto3 signs is taken, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.access.keys import Keys, new_pair, session_by_token, session_of
from sagemaker_local.access.signing import (
    Received,
    SignatureError,
    check,
    read_signature,
    signed_headers,
)

PAIR = new_pair()
ROLE = "arn:aws:iam::000000000000:role/switchyard-TrainingRole"
URL = "http://127.0.0.1:4577"
Call = Callable[[Any], Any]


class SentError(Exception):
    """What botocore would have sent."""

    def __init__(self, request: Any) -> None:
        super().__init__(request.url)
        self.request = request


def sent(service: str, keys: Keys, call: Call) -> tuple[Received, bytes]:
    """The request as it goes over the wire."""
    session = boto3.Session(keys.access_key_id, keys.secret_access_key, keys.token or None, "us-east-1")
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    client = session.client(service, endpoint_url=URL, config=config)  # type: ignore[call-overload]

    def catch(request: Any, **_: Any) -> AWSResponse | None:
        raise SentError(request)

    client.meta.events.register("before-send", catch)
    with pytest.raises(SentError) as caught:
        call(client)
    return over_the_wire(caught.value.request)


def over_the_wire(request: Any) -> tuple[Received, bytes]:
    parts = urlsplit(request.url)
    headers = {name.lower(): v.decode() if isinstance(v, bytes) else v for name, v in request.headers.items()}
    headers.setdefault("host", parts.netloc)
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
    return Received(request.method, parts.path or "/", parts.query, tuple(headers.items())), content


def checked(request: Received, body: bytes, keys: Keys = PAIR, later: timedelta = timedelta()) -> None:
    def secret_of(access_key_id: str, token: str) -> str | None:
        known = (access_key_id, token) == (keys.access_key_id, keys.token)
        return keys.secret_access_key if known else None

    sha256 = hashlib.sha256(body).hexdigest()
    check(request, read_signature(request), sha256, secret_of, datetime.now(UTC) + later)


CALLS: dict[str, tuple[str, Call]] = {
    "JSON 1.1": ("sagemaker", lambda c: c.list_training_jobs(NameContains="a b")),
    "REST-JSON with a body": (
        "sagemaker-runtime",
        lambda c: c.invoke_endpoint(EndpointName="e", Body=b"1,2"),
    ),
    "query": ("cloudformation", lambda c: c.describe_stacks(StackName="s & s")),
    "S3 with a body": (
        "s3",
        lambda c: c.put_object(Bucket="b", Key="a b/ü+~//x", Body=b"rows", Metadata={"a": "b  c"}),
    ),
    "S3 with a query": ("s3", lambda c: c.list_objects_v2(Bucket="b", Prefix="x/ä &=", MaxKeys=3)),
    "S3 without a body": ("s3", lambda c: c.get_object(Bucket="b", Key="../k", Range="bytes=0-1")),
    "Lambda": ("lambda", lambda c: c.invoke(FunctionName="f", Payload=b"{}")),
}


@pytest.mark.parametrize("keys", [PAIR, session_of(PAIR, ROLE, "SageMaker").keys], ids=["pair", "session"])
@pytest.mark.parametrize("name", CALLS)
def test_what_boto3_signs_is_taken_and_nothing_may_be_changed(name: str, keys: Keys) -> None:
    request, body = sent(CALLS[name][0], keys, CALLS[name][1])
    checked(request, body, keys)
    for changed, content in (
        (replace(request, method="DELETE"), body),
        (replace(request, path=f"{request.path}x"), body),
        (replace(request, query=f"{request.query}&x=1".lstrip("&")), body),
        (replace(request, headers=(*request.headers[:-1], ("host", "evil.example"))), body),
        (request, body + b"x"),
    ):
        with pytest.raises(SignatureError):
            checked(changed, content, keys)


def test_another_secret_is_refused() -> None:
    request, body = sent("s3", PAIR, CALLS["S3 with a body"][1])
    with pytest.raises(SignatureError, match="not one of the access key's secret"):
        checked(request, body, replace(PAIR, secret_access_key="another"))


def test_a_signature_lasts_fifteen_minutes() -> None:
    request, body = sent("sagemaker", PAIR, CALLS["JSON 1.1"][1])
    checked(request, body, later=timedelta(minutes=14))
    for minutes in (16, -16):
        with pytest.raises(SignatureError, match="too long ago, or not yet"):
            checked(request, body, later=timedelta(minutes=minutes))


def test_a_presigned_url_lasts_as_long_as_it_says() -> None:
    session = boto3.Session(PAIR.access_key_id, PAIR.secret_access_key, region_name="us-east-1")
    config = Config(s3={"addressing_style": "path"}, signature_version="s3v4")
    client = session.client("s3", endpoint_url=URL, config=config)
    parts = urlsplit(
        client.generate_presigned_url("get_object", {"Bucket": "b", "Key": "a b"}, ExpiresIn=3600)
    )
    request = Received("GET", parts.path, parts.query, (("host", parts.netloc),))
    checked(request, b"", later=timedelta(minutes=59))
    with pytest.raises(SignatureError, match="too long ago"):
        checked(request, b"", later=timedelta(minutes=61))
    with pytest.raises(SignatureError, match="secret"):
        checked(replace(request, query=request.query.replace("Expires=3600", "Expires=9999")), b"")


def test_our_own_signer_signs_the_same() -> None:
    body, headers = b'{"Entries": []}', {"Content-Type": "application/json"}
    own = signed_headers(PAIR, "POST", f"{URL}/_switchyard/events", "events", "us-east-1", body, headers)
    names = {"host": "127.0.0.1:4577"} | {name.lower(): value for name, value in own.items()}
    checked(Received("POST", "/_switchyard/events", "", tuple(names.items())), body)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer x",
        "AWS4-HMAC-SHA256 x",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e",
        "AWS test:sig",
        "AWS4-ECDSA-P256-SHA256 C=1",
    ],
)
def test_what_is_no_signature_is_refused(authorization: str) -> None:
    headers = (("host", "127.0.0.1:4577"), ("authorization", authorization))
    with pytest.raises(SignatureError):
        checked(Received("POST", "/", "", headers), b"")


@given(st.text(), st.text(max_size=40))
def test_any_authorization_is_read_or_refused(authorization: str, moment: str) -> None:
    headers = (("host", "h"), ("authorization", authorization), ("x-amz-date", moment))
    with pytest.raises(SignatureError):
        checked(Received("GET", "/", "", headers), b"")


@given(st.text(min_size=1), st.text())
def test_sessions_are_known_by_their_token_and_by_the_pair_alone(role: str, name: str) -> None:
    session = session_of(PAIR, role, name)
    keys = session.keys
    assert session_by_token(PAIR, keys.access_key_id, keys.token) == session
    assert session_by_token(new_pair(), keys.access_key_id, keys.token) is None
    assert session_by_token(PAIR, PAIR.access_key_id, keys.token) is None


@given(st.text())
def test_a_token_of_anybody_else_is_no_session(token: str) -> None:
    assert session_by_token(PAIR, "LOCALROLEAAAAAAAAAAA", token) is None

"""Objects that S3 has and does not give: told to the uploader, with what to do; other errors go on as they are."""

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from switchyard.aws.storage import S3Storage
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import StoredObject
from tests.quick_moto import mock_aws

SSE_C = (
    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided"
)
KMS = "User: arn:aws:sts::1:assumed-role/x is not authorized to perform: kms:Decrypt on the resource"
TOLD = {
    "InvalidObjectState": ("The operation is not valid for the object's storage class", "archived"),
    "InvalidRequest": (SSE_C, "SSE-C"),
    "AccessDenied": (KMS, "KMS key"),
    "KMS.DisabledException": ("is disabled", "KMS key"),
}


def read(code: str, message: str) -> bytes:
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as stub:
        stub.add_client_error("get_object", code, message, 403)
        return S3Storage(client, "data").read("digits/train/v1.csv")


@pytest.mark.parametrize("code", TOLD)
def test_an_object_that_cannot_be_read_is_the_uploaders_to_mend(code: str) -> None:
    message, word = TOLD[code]
    with pytest.raises(
        InvalidDatasetError, match=f"s3://data/digits/train/v1.csv: .*{word}.*; .*drop it again"
    ):
        read(code, message)


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown", "InternalError"])
def test_what_is_not_the_objects_doing_is_not_told_as_such(code: str) -> None:
    with pytest.raises(ClientError, match=code):
        read(code, "Access Denied")


def test_a_copy_leaves_the_upload_s_tags_behind() -> None:
    """With the default, COPY, S3 asks for s3:GetObjectTagging and s3:PutObjectTagging wherever an upload has tags."""
    s3 = Mock()
    uploads, artifacts = S3Storage(s3, "uploads"), S3Storage(s3, "artifacts")
    artifacts.copy_from(uploads, StoredObject("digits/train/a.csv", 3, "etag", 0.0), "digits/snapshots/a.csv")
    assert s3.copy_object.call_args.kwargs["TaggingDirective"] == "REPLACE"


@pytest.mark.parametrize("key", ["", "arn:aws:kms:eu-central-1:111122223333:key/1"])
def test_what_is_written_names_the_owner_s_key(key: str, tmp_path: Path) -> None:
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    asked: list[dict[str, Any]] = []
    s3.meta.events.register("provide-client-params.s3", lambda params, **_: asked.append(dict(params)))
    (tmp_path / "part.csv").write_text("a\n1\n")
    with mock_aws():
        s3.create_bucket(Bucket="artifacts")
        artifacts = S3Storage(s3, "artifacts", key)
        artifacts.write("digits/a.csv", b"a")
        artifacts.upload("digits/b.csv", str(tmp_path / "part.csv"))
        artifacts.copy_from(artifacts, artifacts.list("digits/a")[0], "digits/c.csv")
    written = [each for each in asked if each.get("Key") in ("digits/a.csv", "digits/b.csv", "digits/c.csv")]
    assert [each.get("SSEKMSKeyId", "") for each in written] == [key] * 3
    assert [each.get("ServerSideEncryption", "") for each in written] == ["aws:kms" if key else ""] * 3

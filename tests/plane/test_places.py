"""What a request is to read from S3 and is not there is refused when the request is made, in AWS's words."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.harness import BUCKET, IMAGE, ROLE, Harness, channel, training_request

MODEL = f"s3://{BUCKET}/model.tar.gz"
PREFIX = {"S3DataType": "S3Prefix", "CompressionType": "None"}


def model(**members: Any) -> dict[str, Any]:
    return {
        "ModelName": "m",
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": IMAGE} | members,
    }


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"ModelDataUrl": f"s3://{BUCKET}/absent.tar.gz"}, f"s3://{BUCKET}/absent.tar.gz"),
        (
            {"ModelDataUrl": "s3://no-such-bucket-of-models/m.tar.gz"},
            "s3://no-such-bucket-of-models/m.tar.gz",
        ),
        (
            {"ModelDataUrl": f"https://s3.amazonaws.com/{BUCKET}/absent"},
            f"https://s3.amazonaws.com/{BUCKET}/absent",
        ),
        (
            {"ModelDataSource": {"S3DataSource": {"S3Uri": f"s3://{BUCKET}/absent/", **PREFIX}}},
            f"s3://{BUCKET}/absent/",
        ),
    ],
)
def test_a_model_without_its_data(plane: Harness, members: dict[str, Any], place: str) -> None:
    with pytest.raises(ClientError, match="ValidationException") as refused:
        plane.sm.create_model(**model(**members))
    assert f"Could not find model data at {place}." in str(refused.value)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"ModelDataUrl": MODEL},
        {"ModelDataSource": {"S3DataSource": {"S3Uri": f"s3://{BUCKET}/files/", **PREFIX}}},
    ],
)
def test_a_model_with_its_data_or_without_any(plane: Harness, s3: Any, members: dict[str, Any]) -> None:
    s3.put_object(Bucket=BUCKET, Key="files/a", Body=b"")
    assert plane.sm.create_model(**model(**members))["ModelArn"].endswith(":model/m")


@pytest.mark.parametrize("uri", [f"s3://{BUCKET}/nothing-there/", "s3://no-such-bucket-of-data/d/"])
def test_a_training_job_without_its_data(plane: Harness, uri: str) -> None:
    with pytest.raises(ClientError, match="ValidationException") as refused:
        plane.sm.create_training_job(**training_request("t", InputDataConfig=[channel("train", uri)]))
    said = str(refused.value)
    assert f'No S3 objects found under S3 URL "{uri}" given in input data source.' in said
    assert f'that the role "{ROLE}" has "s3:ListBucket" permissions on bucket "{uri.split("/")[2]}"' in said
    assert plane.sm.list_training_jobs()["TrainingJobSummaries"] == []


def test_an_algorithm_is_named_or_its_image_is(plane: Harness) -> None:
    both = {"TrainingImage": IMAGE, "AlgorithmName": "mine", "TrainingInputMode": "File"}
    with pytest.raises(ClientError, match="either TrainingImage or AlgorithmName, not both"):
        plane.sm.create_training_job(**training_request("t", AlgorithmSpecification=both))

"""What a dataset job asks of S3 its role allows, what the role grants is used, and it has no right to anything else."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from switchyard.aws.storage import S3Storage
from switchyard.core.run import Run
from switchyard.training.dataset_order import Order, answer_key, order_key
from tests.contract.iam import REGION, Need, arn_of, needs, ref, statements
from tests.contract.simulator import answers
from tests.fakes.job_outputs import dataset_job
from tests.fakes.stations import Stations, csv_of
from tests.quick_moto import mock_aws
from tests.training.test_dataset_job import SCRIPT, admitted, stations

WIDE = ",".join(f"c{at}" for at in range(40)) + ",y\n"
PACKED = WIDE + "".join(
    f"{','.join(f'{row}.{at:04}' for at in range(40))},{row % 2}\n" for row in range(9000)
)
FILES = {
    "digits/train/plain.csv": csv_of(1, 200),  # copied
    "digits/train/other.csv": csv_of(2, 200).replace(",", ";"),  # rewritten
    "digits/train/packed.csv": PACKED,  # and packed
}


@contextmanager
def buckets() -> Iterator[tuple[dict[str, Any], list[Need]]]:
    """The storages by name, and every need of the calls that are made through them."""
    asked: list[Need] = []
    with mock_aws():
        plain, recorded = boto3.client("s3", REGION), boto3.client("s3", REGION)
        said: dict[str, Any] = {}

        def before(params: Any, model: Any, **_: Any) -> None:
            said[model.name] = dict(params)

        def after(parsed: Any, model: Any, **_: Any) -> None:
            missing = parsed.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NotFound")
            asked.extend(needs("s3", model.name, said[model.name], missing))

        recorded.meta.events.register("provide-client-params.s3", before)
        recorded.meta.events.register("after-call.s3", after)
        for name in ("DataBucket", "ArtifactBucket"):
            plain.create_bucket(Bucket=ref(name))
        yield (
            {
                "data": S3Storage(recorded, ref("DataBucket")),
                "artifacts": S3Storage(recorded, ref("ArtifactBucket")),
                "plain": plain,
            },
            asked,
        )


def work(of: Stations, run: Run) -> list[Need]:
    """The job of a run on the buckets of its stations, as they are in S3."""
    with buckets() as (made, asked):
        for storage, bucket in ((of.data, ref("DataBucket")), (of.artifacts, ref("ArtifactBucket"))):
            for key, (body, _) in storage.objects.items():
                made["plain"].put_object(Bucket=bucket, Key=key, Body=body)
        _as_listed_in_s3(made["plain"], run)
        artifacts = made["artifacts"]
        order = Order.from_json(artifacts.read(order_key(run)))
        dataset_job(made["data"], artifacts, order).work(order)
        answer = json.loads(
            made["plain"].get_object(Bucket=ref("ArtifactBucket"), Key=answer_key(run))["Body"].read()
        )
        assert not answer["refused"]
        return list(asked)


def _as_listed_in_s3(plain: Any, run: Run) -> None:
    """The listing with the ETags that S3 gives the same objects."""
    place = {"Bucket": ref("ArtifactBucket"), "Key": f"{run.snapshot}listing.json"}
    listing = json.loads(plain.get_object(**place)["Body"].read())
    for item in listing["objects"]:
        item["etag"] = plain.head_object(Bucket=ref("DataBucket"), Key=item["key"])["ETag"]
    plain.put_object(**place, Body=io.BytesIO(json.dumps(listing).encode()))


def runs() -> Iterator[tuple[Stations, Run]]:
    """Files that are copied, rewritten and packed; and a second dataset beside champion, contract and holdout."""
    for key, body in FILES.items():
        of = stations(large=True, training=SCRIPT)
        of.artifacts.write("digits/code/t.py", b"print()")
        run = admitted(of, {key: body})
        of.start_training.start_dataset_job(run, "token")
        yield of, run
    of = stations(large=True)
    first = admitted(of, {"digits/train/a.csv": csv_of(1, 200)})
    of.start_training.start_dataset_job(first, "token")
    of.control.settle()
    of.promote(first)
    second = admitted(of, {"digits/train/b.csv": csv_of(2, 200)})
    of.start_training.start_dataset_job(second, "token")
    yield of, second


@pytest.fixture(scope="module")
def asked() -> list[Need]:
    return sorted({need for of, run in runs() for need in work(of, run)}, key=repr)


def test_what_a_dataset_job_asks_for_is_allowed(asked: list[Need]) -> None:
    granted = [each.document() for each in statements("DatasetRole")]
    allowed = answers([need.of(*granted) for need in asked])
    assert [need for need, is_allowed in zip(asked, allowed, strict=True) if not is_allowed] == []


BY_SAGEMAKER = ("ecr:", "logs:", "cloudwatch:")  # what it does under the role for every job
BROKEN_OFF = {"s3:AbortMultipartUpload"}  # of an upload that broke


def test_each_place_that_its_role_grants_is_used(asked: list[Need]) -> None:
    grants = [
        (action, pattern)
        for statement in statements("DatasetRole")
        for action in statement.actions
        for pattern in statement.resources
        if not action.startswith(BY_SAGEMAKER) and action not in BROKEN_OFF
    ]
    for action, pattern in grants:
        only = {"Effect": "Allow", "Action": action, "Resource": pattern}
        assert any(answers([need.of(only) for need in asked])), (action, pattern)


def test_it_may_not_touch_what_judges_or_what_was_decided() -> None:
    granted = [each.document() for each in statements("DatasetRole")]
    bucket, data = arn_of("ArtifactBucket"), arn_of("DataBucket")
    asked = [
        Need("s3:PutObject", f"{bucket}/digits/holdout/holdout.csv"),
        Need("s3:PutObject", f"{bucket}/digits/contract.json"),
        Need("s3:PutObject", f"{bucket}/digits/pipeline.yaml"),
        Need("s3:PutObject", f"{bucket}/digits/decisions/r.json"),
        Need("s3:PutObject", f"{bucket}/digits/models/r/model.tar.gz"),
        Need("s3:PutObject", f"{data}/digits/train/a.csv"),
        Need("s3:DeleteObject", f"{bucket}/digits/snapshots/0/data/a.csv"),
        Need("dynamodb:GetItem", arn_of("LedgerTable")),
    ]
    assert answers([need.of(*granted) for need in asked]) == [False] * len(asked)

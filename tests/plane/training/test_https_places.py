"""Every `https://` form of a place in S3 is read, wherever the API takes one."""

from __future__ import annotations

import asyncio
from typing import Any

from sagemaker_local.hosting.serving.model_data import install
from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.support.fakes import FakeBackend
from tests.plane.support.harness import BUCKET, IMAGE, Harness, channel, pack_model, training_request

URL = f"https://s3.us-east-1.amazonaws.com/{BUCKET}"


def test_a_model_is_read_from_a_url(s3: Any, tmp_path: Any) -> None:
    pack_model(tmp_path, s3)
    for uri in (f"{URL}/model.tar.gz", f"https://{BUCKET}.s3.amazonaws.com/model.tar.gz"):
        folder = tmp_path / uri.split("/")[2]
        install(s3, uri, [folder], tmp_path)
        assert any(folder.iterdir())


def test_a_training_job_reads_and_writes_by_urls(plane: Harness, backend: FakeBackend, s3: Any) -> None:
    seen: list[str] = []

    async def train(spec: ProgramSpec, _: asyncio.Event) -> int:
        seen.append((spec.opt_ml / "input" / "data" / "train" / "a b.csv").read_text())
        return 0

    backend.images[IMAGE] = train
    s3.put_object(Bucket=BUCKET, Key="by url/a b.csv", Body=b"1,2")
    request = training_request(
        "by-url",
        InputDataConfig=[channel("train", f"{URL}/by%20url/")],
        OutputDataConfig={"S3OutputPath": f"{URL}/models"},
    )
    plane.sm.create_training_job(**request)
    job = plane.job("by-url")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert seen == ["1,2"]
    s3.head_object(Bucket=BUCKET, Key="models/by-url/output/model.tar.gz")

"""A plane in a thread of the test, and boto3 clients that talk to it over HTTP."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import boto3
import uvicorn
from botocore.config import Config

from sagemaker_local import places
from sagemaker_local.app import application, build
from sagemaker_local.archive import pack
from sagemaker_local.settings import Settings
from tests import patience
from tests.plane.support.fakes import FakeBackend, FakeTraffic

T = TypeVar("T")
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/toy:1"
ROLE = "arn:aws:iam::000000000000:role/training"
BUCKET = "plane-tests"
NOBODY = "http://127.0.0.1:9"


_making = (
    threading.Lock()
)  # tests ask from threads, and "Session objects are not thread safe" (boto3's guide)


def client(service: str, url: str) -> Any:
    with _making:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


def eventually(
    look: Callable[[], T], enough: Callable[[T], bool] = bool, seconds: float = patience.SECONDS
) -> T:
    """Look until what is seen is enough; a test that waits in vain says what it saw last."""
    deadline = time.monotonic() + seconds
    while not enough(seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r} after {seconds} s"
        time.sleep(0.02)
    return seen


class Harness:
    """The running plane, its fakes, and clients. `answers` are the raw JSON answers of SageMaker."""

    def __init__(self, settings: Settings, backend: FakeBackend, traffic: FakeTraffic, port: int) -> None:
        self.settings = settings
        self.backend = backend
        self.traffic = traffic
        self.url = f"http://127.0.0.1:{port}"
        self.answers: list[tuple[str, dict[str, Any]]] = []

    @cached_property  # a client takes longer to make than most planes live, and few tests need all three
    def sm(self) -> Any:
        return self._remembered("sagemaker")

    @cached_property
    def scaling(self) -> Any:
        return self._remembered("application-autoscaling")

    @cached_property
    def runtime(self) -> Any:
        return client("sagemaker-runtime", self.url)

    def _remembered(self, service: str) -> Any:
        made = client(service, self.url)
        made.meta.events.register("after-call", self._remember)
        return made

    def _remember(self, http_response: Any, model: Any, **_: Any) -> None:
        if http_response.status_code == 200:
            self.answers.append((model.name, json.loads(http_response.content or b"{}")))

    def job(self, name: str) -> dict[str, Any]:
        """The job, once it has come to its end."""
        return eventually(
            lambda: self.sm.describe_training_job(TrainingJobName=name),
            lambda job: job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"),
        )

    def endpoint(self, name: str) -> dict[str, Any]:
        """The endpoint, once it has settled."""
        return eventually(
            lambda: self.sm.describe_endpoint(EndpointName=name),
            lambda endpoint: endpoint["EndpointStatus"] in ("InService", "Failed"),
        )

    def create_model(self, name: str, image: str = IMAGE, **environment: str) -> str:
        container = {
            "Image": image,
            "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz",
            "Environment": environment,
        }
        self.sm.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        return name

    def create_config(self, name: str, weights: dict[str, float], **members: Any) -> str:
        """A config whose variants are called as the models they serve."""
        self.sm.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[variant(each, w) for each, w in weights.items()],
            **members,
        )
        return name


def variant(model: str, weight: float = 1.0, **members: Any) -> dict[str, Any]:
    return {
        "VariantName": model,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": weight,
    } | members


def training_request(name: str, **members: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    } | members


def channel(name: str, uri: str, **source: Any) -> dict[str, Any]:
    found = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"} | source
    return {"ChannelName": name, "DataSource": {"S3DataSource": found}}


def pack_model(folder: Path, s3: Any) -> None:
    """Put a model of one file where Harness.create_model looks for it."""
    (folder / "model").mkdir()
    (folder / "model" / "model.json").write_text("{}")
    pack(folder / "model", folder / "model.tar.gz")
    s3.upload_file(str(folder / "model.tar.gz"), BUCKET, "model.tar.gz")


@contextlib.contextmanager
def serve(settings: Settings, backend: FakeBackend, traffic: FakeTraffic | None = None) -> Iterator[Harness]:
    """The plane with fakes (without `traffic`: the real one), on a free port, until the block ends.

    With NOBODY for its S3 everything that it asks there for is there.
    """
    with contextlib.ExitStack() as stack:
        if settings.store_url == NOBODY:
            stack.enter_context(patch.object(places, "absent", _nothing))
        yield from _served(settings, backend, traffic)


def _nothing(*_: Any) -> None:
    return None


def _served(settings: Settings, backend: FakeBackend, traffic: FakeTraffic | None) -> Iterator[Harness]:
    plane = build(settings, backend, traffic)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application(plane), log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        eventually(lambda: server.started)
        yield Harness(settings, backend, traffic or FakeTraffic(), listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(patience.SECONDS)
        listening.close()


def settings_in(folder: Path, store_url: str, **members: Any) -> Settings:
    return Settings(
        data_dir=folder,
        store_url=store_url,
        stop_grace_seconds=2.0,
        log_flush_seconds=0.1,
        alarm_period_seconds=0.05,
        **members,
    )

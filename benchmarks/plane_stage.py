"""A plane with echo containers to measure, and the calls that every scene needs."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

from tests.clients.plane import running_plane
from tests.plane.support.harness import client
from tests.plane.support.local_aws import local_aws

BUCKET = "benchmark"
IMAGE = "echo:1"
ROLE = "arn:aws:iam::000000000000:role/benchmark"
TRAINING_JOBS_AT_ONCE = 4
_ECHO = Path(__file__).with_name("plane_echo.py")
_MB = 1024 * 1024


@dataclass(frozen=True)
class Stage:
    """A running plane, and clients."""

    url: str
    process: psutil.Process
    sm: Any
    runtime: Any

    def invocations(self, endpoint: str) -> str:
        return f"{self.url}/endpoints/{endpoint}/invocations"

    def cpu_seconds(self) -> float:
        """User and system time of the plane alone, without its containers."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory_mb(self) -> float:
        """Of the plane and all that it runs."""
        every = [self.process, *self.process.children(recursive=True)]
        return float(sum(each.memory_info().rss for each in every)) / _MB

    def create_endpoint(self, endpoint: str, config: str) -> None:
        self.sm.create_endpoint(EndpointName=endpoint, EndpointConfigName=config)
        self.settle(endpoint)

    def settle(self, endpoint: str) -> None:
        """Wait until the endpoint is in service."""
        status = until(lambda: self._settled(endpoint))
        assert status["EndpointStatus"] == "InService", status
        assert "FailureReason" not in status, status

    def _settled(self, endpoint: str) -> dict[str, Any] | None:
        found: dict[str, Any] = self.sm.describe_endpoint(EndpointName=endpoint)
        return found if found["EndpointStatus"] in ("InService", "Failed") else None

    def create_model(self, model: str) -> None:
        self.sm.create_model(ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})

    def create_config(self, config: str, *variants: dict[str, Any]) -> None:
        self.sm.create_endpoint_config(EndpointConfigName=config, ProductionVariants=list(variants))


def variant(name: str, model: str, weight: float = 1.0, instances: int = 1) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": instances,
        "InitialVariantWeight": weight,
    }


def until(look: Callable[[], Any], seconds: float = 120) -> Any:
    """What `look` finally sees that is not empty."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {seen!r} after {seconds} s")
        time.sleep(0.05)
    return seen


@contextlib.contextmanager
def store(folder: Path) -> Iterator[str]:
    """The S3 beside the plane, with a bucket."""
    folder.mkdir()
    with local_aws(folder) as url:
        client("s3", url).create_bucket(Bucket=BUCKET)
        yield url


@contextlib.contextmanager
def stage(folder: Path, store_url: str) -> Iterator[Stage]:
    """A plane whose data is in `folder`: the same folder again is the same plane, restarted."""
    folder.mkdir(exist_ok=True)
    programs = {each: [sys.executable, str(_ECHO), each] for each in ("serve", "train")}
    images = folder / "images.yaml"
    images.write_text(yaml.safe_dump([{"match": "echo:*", "path": sys.prefix, **programs}]))
    limits = {
        "SAGEMAKER_LOCAL_TRAINING_JOBS": str(TRAINING_JOBS_AT_ONCE),
        "SAGEMAKER_LOCAL_ENDPOINT_INSTANCES": "400",
        "SAGEMAKER_LOCAL_SERVERLESS_IDLE_SECONDS": "1",
    }
    with running_plane(folder, store_url, images, **limits) as plane:
        yield Stage(
            url=plane.url,
            process=psutil.Process(plane.pid),
            sm=client("sagemaker", plane.url),
            runtime=client("sagemaker-runtime", plane.url),
        )

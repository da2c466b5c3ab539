"""`python -m sagemaker_local` as a process of its own, with real children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import yaml

from tests import patience
from tests.plane.support.harness import BUCKET, IMAGE, ROLE, client, eventually, variant

TOY = Path(__file__).parent / "toy"


class Process:
    """`python -m sagemaker_local` in a folder that outlives it."""

    def __init__(self, folder: Path, aws_url: str, **environment: str) -> None:
        self.folder = folder
        file = folder / "images.yaml"
        entry = {"match": "toy:*", "train": [str(TOY / "train")], "serve": [str(TOY / "serve")]}
        file.write_text(yaml.safe_dump([entry | {"path": str(Path(sys.executable).parent.parent)}]))
        self._environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": aws_url, **environment}
        self.log = folder / "plane.log"
        self.start()

    def start(self) -> None:
        before = self.log.read_text().count("listens on") if self.log.exists() else 0
        arguments = ["--data-dir", str(self.folder / "data"), "--images", str(self.folder / "images.yaml")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sagemaker_local", *arguments],
                env=self._environment,
                cwd=Path(__file__).parents[3],
                stdout=log,
                stderr=log,
            )
        eventually(lambda: self.log.read_text().count("listens on") > before)
        line = [line for line in self.log.read_text().splitlines() if "listens on" in line][-1]
        self.url = line.split("listens on ")[1].split(",")[0]
        self.sm, self.runtime = client("sagemaker", self.url), client("sagemaker-runtime", self.url)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(patience.SECONDS)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def status(self, endpoint: str) -> str:
        return str(self.sm.describe_endpoint(EndpointName=endpoint)["EndpointStatus"])

    def who(self, endpoint: str) -> str:
        return str(self.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")["Body"].read().decode())


def deploy(
    plane: Process,
    *names: str,
    model_data: str = f"s3://{BUCKET}/model.tar.gz",
    instances: int = 1,
    variant_name: str | None = None,
    **environment: str,
) -> None:
    """A model and a config for each name, and the endpoint `live` on the first."""
    for name in names:
        named = {"WHO": name, **environment}
        container = {"Image": IMAGE, "ModelDataUrl": model_data, "Environment": named}
        plane.sm.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        served = variant(name, VariantName=variant_name or name, InitialInstanceCount=instances)
        plane.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[served])
    plane.sm.create_endpoint(EndpointName="live", EndpointConfigName=names[0])
    settled(plane)


def settled(plane: Process, endpoint: str = "live") -> dict[str, Any]:
    """The endpoint, once it is InService."""
    eventually(lambda: plane.status(endpoint), lambda status: status == "InService")
    return dict(plane.sm.describe_endpoint(EndpointName=endpoint))

"""A user of a running stack: uploads an example, drops datasets, waits for what becomes of them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from cli.demo.clients import CSV, Heard, LiveClients, Load, in_background
from cli.records.follow import follow, follow_run
from cli.records.ledger import Line
from cli.stack.errors import StackError
from cli.stack.home import REPOSITORY
from cli.stack.stack import Stack

RUN_SECONDS = 1800.0  # on a machine that has much else to do; alone a minute or two
TRAFFIC_SECONDS = 2 * RUN_SECONDS  # clients ask as long as a run is waited for
JSON_SHARE = 0.2  # of live requests; the others ask for CSV


def model_of(row: str) -> str:
    """The model that a row's pipeline.yaml names."""
    return str(yaml.safe_load((REPOSITORY / "examples" / row / "pipeline.yaml").read_text())["name"])


@dataclass(frozen=True)
class Player:
    """Plays one example folder on one stack.

    The folder holds pipeline.yaml, `data.py FOLDER` which writes the data, and possibly `code/`, which goes to
    `<model>/code/` of the artifact bucket. called: another name for the model, where several play one example.
    """

    stack: Stack
    name: str
    called: str = ""

    @property
    def folder(self) -> Path:
        return REPOSITORY / "examples" / self.name

    @property
    def model(self) -> str:
        return self.called or model_of(self.name)

    @property
    def pipeline(self) -> str:
        """The example's pipeline.yaml under the model's name."""
        text = (self.folder / "pipeline.yaml").read_text()
        return text.replace(f"name: {model_of(self.name)}\n", f"name: {self.model}\n", 1)

    @cached_property
    def data(self) -> Mapping[str, bytes]:
        """What the example's data.py writes, by path within its folder."""
        with tempfile.TemporaryDirectory() as folder:
            made = subprocess.run(
                [sys.executable, str(self.folder / "data.py"), folder],
                capture_output=True,
                text=True,
                timeout=RUN_SECONDS,
                check=False,
            )
            if made.returncode:
                raise StackError(
                    f"examples/{self.name}/data.py failed: {made.stderr[-500:]}", "Correct it; run it alone."
                )
            files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
            return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    def upload(self) -> None:
        """The owner's part: pipeline.yaml, the code, and the frozen holdout where the data brings one."""
        self.put_artifact("pipeline.yaml", self.pipeline.encode())
        code = self.folder / "code"
        for path in sorted(
            path for path in code.rglob("*") if path.is_file() and "__pycache__" not in path.parts
        ):
            self.put_artifact(f"code/{path.relative_to(code).as_posix()}", path.read_bytes())
        if "holdout.csv" in self.data:
            self.put_artifact("holdout/holdout.csv", self.data["holdout.csv"])

    def put_artifact(self, key: str, body: bytes) -> None:
        """Under the model's folder of the artifact bucket."""
        bucket = self.stack.output("ArtifactBucketName")
        self.stack.client("s3").put_object(Bucket=bucket, Key=f"{self.model}/{key}", Body=body)

    def drop(self, key: str, body: bytes) -> str:
        """Under the model's folder of the data bucket; answers the whole key."""
        whole = f"{self.model}/{key}"
        self.stack.client("s3").put_object(Bucket=self.stack.output("DataBucketName"), Key=whole, Body=body)
        return whole

    @contextmanager
    def queued_requests(self, requests_per_second: float = 20.0, accept: str = CSV) -> Iterator[None]:
        """Asynchronous requests while the block runs: each is an object in S3 that the endpoint is pointed to."""
        key = self.drop("async/live.csv", self.data["live.csv"].splitlines()[0])
        location = f"s3://{self.stack.output('DataBucketName')}/{key}"
        runtime, over = self.stack.client("sagemaker-runtime"), threading.Event()

        def ask() -> None:
            while not over.wait(1 / requests_per_second):
                runtime.invoke_endpoint_async(
                    EndpointName=f"switchyard-{self.model}",
                    InputLocation=location,
                    ContentType=CSV,
                    Accept=accept,
                )

        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(ask)
            try:
                yield
            finally:
                over.set()
                asking.result()

    def artifact(self, key: str) -> bytes:
        """What lies under the model's folder of the artifact bucket."""
        bucket = self.stack.output("ArtifactBucketName")
        found = self.stack.client("s3").get_object(Bucket=bucket, Key=f"{self.model}/{key}")
        body: bytes = found["Body"].read()
        return body

    def wait_for_upload(self, key: str, seconds: float = RUN_SECONDS) -> Line:
        """Waits for what becomes of a drop; `key` as it was dropped, or the folder's."""
        *_, line = follow(self.stack, self.model, key, seconds)
        if line is None:
            raise StackError(f"{key} left no record in the ledger.", "Look at `switchyard status`.")
        return line

    def train_on(self, file: str, seconds: float = RUN_SECONDS) -> Line:
        """Drops one of the example's files under train/, and waits for its run's end."""
        return self.wait_for_upload(self.drop(f"train/{file}", self.data[file]), seconds)

    def wait_for(self, run_id: str, seconds: float = RUN_SECONDS) -> Line:
        """Waits for the end of a run that no upload started."""
        return follow_run(self.stack, self.model, run_id, seconds)

    @contextmanager
    def traffic(
        self,
        rows: Sequence[str | bytes] = (),
        requests_per_second: float = 300.0,
        heard: Heard | None = None,
        json_share: float = JSON_SHARE,
        content_type: str = CSV,
    ) -> Iterator[LiveClients]:
        """Live clients ask the model's endpoint all the while, with `rows` or the lines of the example's live.csv.

        heard: told of each answer the inference id and the row's index.
        """
        rows = rows or self.data["live.csv"].decode().splitlines()
        live = self.stack.plane_url, f"switchyard-{self.model}", rows, requests_per_second
        load = Load(
            *live,
            json_share=json_share,
            max_requests=round(requests_per_second * TRAFFIC_SECONDS),
            max_seconds=TRAFFIC_SECONDS,
            keys=self.stack.keys,
            content_type=content_type,
        )
        with in_background(LiveClients(load, heard=heard)) as clients:
            yield clients

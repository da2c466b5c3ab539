"""Local images run as the plane runs them: by images.yaml, in a private /opt/ml."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from sagemaker_local.runtime.backend import ProgramSpec
from sagemaker_local.runtime.process import ProcessBackend
from tests import patience

START_SECONDS = patience.SECONDS


@dataclass
class Container:
    """One container of an image: its /opt/ml, and the lines it printed."""

    backend: ProcessBackend
    image: str
    opt_ml: Path
    lines: list[str] = field(default_factory=list)

    def file(self, path: str, content: str | bytes) -> Container:
        target = self.opt_ml / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def channel(
        self, name: str, content: str | bytes, content_type: str | None = "text/csv", mode: str = "File"
    ) -> Container:
        """One more channel with one file, declared in inputdataconfig.json."""
        declared = self.opt_ml / "input/config/inputdataconfig.json"
        channels = json.loads(declared.read_text()) if declared.exists() else {}
        channels[name] = {"TrainingInputMode": mode} | ({"ContentType": content_type} if content_type else {})
        self.file("input/config/inputdataconfig.json", json.dumps(channels))
        return self.file(f"input/data/{name}/part-0", content)

    def hyperparameters(self, **values: str) -> Container:
        return self.file("input/config/hyperparameters.json", json.dumps(values))

    @property
    def failure(self) -> str:
        return (self.opt_ml / "output/failure").read_text()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def spec(self, command: str, environment: Mapping[str, str] = {}, *entrypoint: str) -> ProgramSpec:
        return ProgramSpec(
            "test", self.image, command, (), environment, self.opt_ml, self.lines.append, entrypoint
        )

    async def train(self, **environment: str) -> int:
        """The exit code of `train`; model, output and configuration folders exist as on SageMaker."""
        for folder in ("model", "output/data", "input/config", "input/data", "code"):
            (self.opt_ml / folder).mkdir(parents=True, exist_ok=True)
        return await (await self.backend.start(self.spec("train", environment))).wait()

    async def run(self, *entrypoint: str) -> int:
        """The exit code of a processing container."""
        return await (await self.backend.start(self.spec("process", {}, *entrypoint))).wait()

    @asynccontextmanager
    async def serving(self, **environment: str) -> AsyncIterator[httpx.AsyncClient]:
        """`serve`, once it answers /ping."""
        program = await self.backend.start(self.spec("serve", environment))
        url = f"http://127.0.0.1:{program.port}"
        try:
            async with httpx.AsyncClient(base_url=url, timeout=patience.SECONDS, trust_env=False) as client:
                await self._ping(client)
                yield client
        finally:
            await program.stop(10)

    async def _ping(self, client: httpx.AsyncClient) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if (await client.get("/ping")).status_code == 200:
                    return
            except httpx.TransportError:
                continue
        raise AssertionError(f"no answer to /ping: {self.output}")


async def invoke(
    client: httpx.AsyncClient, body: str, accept: str = "text/csv", content_type: str = "text/csv"
) -> httpx.Response:
    headers = {"Content-Type": content_type, "Accept": accept}
    return await client.post("/invocations", content=body.encode(), headers=headers)

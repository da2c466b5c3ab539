"""One training job that lives: its folder, its programmes, and how it is told to stop."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sagemaker_local.resources.training_files import host_names
from sagemaker_local.resources.training_metrics import MetricReader
from sagemaker_local.runtime.backend import Program, ProgramSpec
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document


class JobFailedError(Exception):
    """The job ends as Failed; str() is its FailureReason."""


class EndedEarlyError(Exception):
    """The job was asked to stop, or its time is over."""


@dataclass
class Run:
    """`job` is its document as it was created; each host has a private /opt/ml in `folder`."""

    job: Document
    folder: Path
    metrics: MetricReader
    stopping: asyncio.Event
    deadline: float = math.inf  # of the monotonic clock
    programs: list[Program] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.job["TrainingJobName"])

    @property
    def hosts(self) -> list[str]:
        return host_names(self.job)

    @property
    def opt_mls(self) -> list[Path]:
        return [self.folder / host for host in self.hosts]

    def may_go_on(self) -> bool:
        """False once the job was asked to stop or its time is over; safe to ask from any thread."""
        return not self.stopping.is_set() and time.monotonic() < self.deadline

    async def unless_stopped(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The outcome of `work`; raises EndedEarlyError when the job is to stop or its time is over first."""
        doing, stopping = asyncio.ensure_future(work), asyncio.ensure_future(self.stopping.wait())
        left = None if self.deadline == math.inf else self.deadline - time.monotonic()
        try:
            await asyncio.wait({doing, stopping}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise EndedEarlyError
        finally:
            doing.cancel()
            stopping.cancel()

    async def stop_programs(self, grace_seconds: float) -> None:
        """SIGTERM, then SIGKILL to what is left after the grace."""
        await asyncio.gather(*(program.stop(grace_seconds) for program in self.programs))

    async def first_failure(self) -> int:
        """0 when every host's programme ends well, else the exit code of the first that does not."""
        waits = [asyncio.ensure_future(program.wait()) for program in self.programs]
        try:
            for done in asyncio.as_completed(waits):
                code = await done
                if code != 0:
                    return code
            return 0
        finally:
            for wait in waits:
                wait.cancel()


def program_spec(run: Run, host: str, settings: Settings, log: Callable[[str], None]) -> ProgramSpec:
    """`docker run <image> train`, or `docker run --entrypoint <E> <image> <A>`."""
    algorithm = run.job["AlgorithmSpecification"]
    identity = {"TRAINING_JOB_NAME": run.name, "TRAINING_JOB_ARN": run.job["TrainingJobArn"]}
    return ProgramSpec(
        name=f"{run.name}/{host}",
        image=algorithm["TrainingImage"],
        command="train",
        arguments=tuple(algorithm.get("ContainerArguments", ())),
        environment=settings.container_environment() | run.job.get("Environment", {}) | identity,
        opt_ml=run.folder / host,
        log=log,
        entrypoint=tuple(algorithm.get("ContainerEntrypoint", ())),
    )

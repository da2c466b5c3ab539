"""One training job that lives: its folder, its programs, and how it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sagemaker_local.jobs.life import Life
from sagemaker_local.runtime.backend import Program, ProgramSpec
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document
from sagemaker_local.training.checkpoints import Checkpoints
from sagemaker_local.training.files import host_names
from sagemaker_local.training.metrics import MetricReader
from sagemaker_local.training.pipes import Pipe


@dataclass(kw_only=True)
class Run(Life):
    """`job` is its document as it was created; each host has a private /opt/ml in `folder`.

    exceeded: the secondary status of a job whose deadline is over.
    """

    job: Document
    folder: Path
    metrics: MetricReader
    checkpoints: Checkpoints
    programs: list[Program] = field(default_factory=list)
    exceeded: str = "MaxWaitTimeExceeded"
    pipes: list[Pipe] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.job["TrainingJobName"])

    @property
    def hosts(self) -> list[str]:
        return host_names(self.job)

    @property
    def opt_mls(self) -> list[Path]:
        return [self.folder / host for host in self.hosts]

    @property
    def channels(self) -> list[tuple[Document, str]]:
        """Each channel with its input mode: File, FastFile or Pipe."""
        mode = self.job["AlgorithmSpecification"]["TrainingInputMode"]
        return [(each, each.get("InputMode", mode)) for each in self.job.get("InputDataConfig", [])]

    def close_pipes(self) -> None:
        """Nobody reads any more. Blocks."""
        for pipe in self.pipes:
            pipe.close()

    async def stop_programs(self, grace_seconds: float) -> None:
        """SIGTERM, then SIGKILL to what is left after the grace."""
        await asyncio.gather(*(program.stop(grace_seconds) for program in self.programs))


def program_spec(run: Run, host: str, settings: Settings, log: Callable[[str], None]) -> ProgramSpec:
    """`docker run <image> train`, or `docker run --entrypoint <E> <image> <A>`."""
    algorithm = run.job["AlgorithmSpecification"]
    identity = {"TRAINING_JOB_NAME": run.name, "TRAINING_JOB_ARN": run.job["TrainingJobArn"]}
    return ProgramSpec(
        name=f"{run.name}/{host}",
        image=algorithm["TrainingImage"],
        command="train",
        arguments=tuple(algorithm.get("ContainerArguments", ())),
        environment=settings.container_environment(run.job["RoleArn"])
        | run.job.get("Environment", {})
        | identity,
        opt_ml=run.folder / host,
        log=log,
        entrypoint=tuple(algorithm.get("ContainerEntrypoint", ())),
        # hosts of one job may talk to each other, which two networks could not
        has_network=len(run.hosts) > 1 or not run.job.get("EnableNetworkIsolation", False),
    )

"""The life of processing jobs: inputs, programs on all hosts, outputs, exit message."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from sagemaker_local.jobs.channels import DataError
from sagemaker_local.jobs.document import PROCESSING
from sagemaker_local.jobs.kind_runs import KindRuns
from sagemaker_local.jobs.life import (
    EndedEarlyError,
    JobFailedError,
    Life,
    algorithm_error,
    first_failure,
    outcome,
)
from sagemaker_local.processing.files import (
    bring_inputs,
    exit_message,
    host_names,
    lay_out,
)
from sagemaker_local.processing.output import OutputError, Outputs
from sagemaker_local.runtime.backend import BackendError, Program, ProgramSpec
from sagemaker_local.store import Document

_LOG_GROUP = "/aws/sagemaker/ProcessingJobs"


@dataclass(kw_only=True)
class ProcessingRun(Life):
    """One job that lives; each host has a private /opt/ml in `folder`."""

    job: Document
    folder: Path
    programs: list[Program] = field(default_factory=list)

    @property
    def name(self) -> str:
        return PROCESSING.name(self.job)

    @property
    def hosts(self) -> list[str]:
        return host_names(self.job)

    @property
    def opt_mls(self) -> list[Path]:
        return [self.folder / host for host in self.hosts]

    async def stop_programs(self, grace_seconds: float) -> None:
        await asyncio.gather(*(program.stop(grace_seconds) for program in self.programs))


class ProcessingRuns(KindRuns):
    """All processing jobs that live."""

    job_kind = PROCESSING

    async def live(self, name: str, stopping: asyncio.Event) -> None:
        job = await self._store.run(lambda transaction: transaction.get(PROCESSING.kind, name))
        if job is None:
            return
        run = ProcessingRun(job=job, folder=self._folder / name, stopping=stopping)
        try:
            status, reason = await outcome(name, self._in_turn(run))
            status, reason, said = await asyncio.to_thread(_last_words, run, status, reason)
        finally:
            await run.stop_programs(0.0)
            self._logs.background.hurry()
        await self._store.run(lambda each: PROCESSING.end(each, name, status, reason, **said))

    async def _in_turn(self, run: ProcessingRun) -> None:
        await run.unless_stopped(self._slots.acquire())
        try:
            run.deadline = time.monotonic() + run.job["StoppingCondition"]["MaxRuntimeInSeconds"]
            await self._store.run(lambda transaction: PROCESSING.began(transaction, run.name))
            await asyncio.to_thread(self._prepare, run)
            if not run.may_go_on():
                raise EndedEarlyError
            await self._process(run)
        finally:
            self._slots.release()

    def _prepare(self, run: ProcessingRun) -> None:
        try:
            for number, (host, opt_ml) in enumerate(zip(run.hosts, run.opt_mls, strict=True)):
                lay_out(opt_ml, run.job, host)
                bring_inputs(self._cloud.s3, run.job, opt_ml, number, len(run.hosts), run.may_go_on)
        except DataError as error:
            raise JobFailedError(f"ClientError: {error}") from error

    async def _process(self, run: ProcessingRun) -> None:
        """All hosts' programs; EndOfJob outputs are for those that end well, Continuous ones for all."""
        outputs = Outputs(self._cloud.s3, run.job, run.opt_mls)
        async with self._continuous(outputs):
            await self._run_programs(run)
        await self._upload(outputs, "EndOfJob")

    async def _run_programs(self, run: ProcessingRun) -> None:
        try:
            for host, opt_ml in zip(run.hosts, run.opt_mls, strict=True):
                run.programs.append(await self._backend.start(self._spec(run, host, opt_ml)))
        except BackendError as error:
            raise JobFailedError(f"ClientError: {error}") from error
        try:
            code = await run.unless_stopped(first_failure(run.programs))
        except EndedEarlyError:
            await self._store.run(lambda transaction: PROCESSING.stop(transaction, run.name))
            await run.stop_programs(self._settings.stop_grace_seconds)
            raise
        if code != 0:
            await run.stop_programs(self._settings.stop_grace_seconds)
            raise JobFailedError(algorithm_error(run.opt_mls, code))

    @contextlib.asynccontextmanager
    async def _continuous(self, outputs: Outputs) -> AsyncIterator[None]:
        """Upload the Continuous outputs while the block runs, and once more at its end, however it ends."""
        if not outputs.has_continuous:
            yield
            return
        seconds = self._settings.continuous_upload_seconds
        uploading = asyncio.create_task(outputs.keep_uploading(seconds))
        try:
            yield
        finally:
            uploading.cancel()
            await asyncio.gather(uploading, return_exceptions=True)
            await self._upload(outputs, "Continuous")

    async def _upload(self, outputs: Outputs, mode: str) -> None:
        try:
            await asyncio.to_thread(outputs.upload, mode)
        except OutputError as error:
            raise JobFailedError(f"ClientError: {error}") from error

    def _spec(self, run: ProcessingRun, host: str, opt_ml: Path) -> ProgramSpec:
        """`docker run --entry-point <ContainerEntrypoint> <ImageUri> <ContainerArguments>`."""
        application, stream = run.job["AppSpecification"], f"{run.name}/{host}-{int(time.time())}"
        is_isolated = run.job.get("NetworkConfig", {}).get("EnableNetworkIsolation", False)
        return ProgramSpec(
            name=f"{run.name}/{host}",
            image=application["ImageUri"],
            command="process",
            arguments=tuple(application.get("ContainerArguments", ())),
            environment=self._settings.container_environment(run.job["RoleArn"])
            | run.job.get("Environment", {}),
            opt_ml=opt_ml,
            log=lambda line: self._logs.line(_LOG_GROUP, stream, line),
            entrypoint=tuple(application.get("ContainerEntrypoint", ())),
            has_network=len(run.hosts) > 1 or not is_isolated,
        )


def _last_words(
    run: ProcessingRun, status: str, reason: str | None
) -> tuple[str, str | None, dict[str, str]]:
    """ExitMessage, "after the processing job enters any terminal status"; what is not UTF-8 fails the job."""
    said = exit_message(run.opt_mls)
    members = {"ExitMessage": said.text} if said.text else {}
    if said.is_utf8:
        return status, reason, members
    why = "ClientError: The exit message in /opt/ml/output/message is not UTF-8."
    return "Failed", reason or why, members

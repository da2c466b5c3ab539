"""The life of a training job after it was created: data, programme, artifacts, end."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sagemaker_local.archive import clear
from sagemaker_local.cloud import Cloud
from sagemaker_local.resources import training_job
from sagemaker_local.resources.training_data import DataError, download
from sagemaker_local.resources.training_files import host_names, lay_out
from sagemaker_local.resources.training_metrics import MetricPublisher, MetricReader
from sagemaker_local.resources.training_output import UploadError, algorithm_error, upload
from sagemaker_local.runtime.backend import Backend, BackendError, Program, ProgramSpec
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document, Store
from sagemaker_local.traffic.logs import LogShipper

_LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_log = logging.getLogger(__name__)


class JobFailedError(Exception):
    """The job ends as Failed; str() is its FailureReason."""


class EndedEarlyError(Exception):
    """The job was asked to stop, or its time is over."""


@dataclass
class Run:
    """A job that lives: its document as it was created, its folder, and how it is told to stop."""

    job: Document
    folder: Path
    metrics: MetricReader
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    deadline: float = math.inf  # of the monotonic clock
    programs: list[Program] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.job["TrainingJobName"])

    def opt_ml(self, host: str) -> Path:
        return self.folder / host

    @property
    def timed_out(self) -> bool:
        return time.monotonic() >= self.deadline

    def may_go_on(self) -> bool:
        """False once the job was asked to stop or its time is over; safe to ask from any thread."""
        return not (self.stopping.is_set() or self.timed_out)


class TrainingRuns:
    """All jobs that live. At most `training_jobs_at_once` train; the others wait, Pending."""

    def __init__(
        self,
        store: Store,
        backend: Backend,
        cloud: Cloud,
        logs: LogShipper,
        metrics: MetricPublisher,
        settings: Settings,
    ) -> None:
        self._store = store
        self._backend = backend
        self._cloud = cloud
        self._logs = logs
        self._metrics = metrics
        self._settings = settings
        self._jobs_dir = settings.data_dir / "jobs"
        self._slots = asyncio.Semaphore(settings.training_jobs_at_once)
        self._runs: dict[str, Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def recover(self) -> None:
        """After a start of the plane: jobs of its last life are Failed, their folders are gone."""
        interrupted = await self._store.run(training_job.fail_interrupted)
        if interrupted:
            _log.warning("training jobs interrupted by the end of the plane: %s", ", ".join(interrupted))
        await asyncio.to_thread(clear, self._jobs_dir)

    def start(self, name: str) -> None:
        task = asyncio.create_task(self._live(name), name=f"training job {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self, name: str) -> None:
        if name in self._runs:
            self._runs[name].stopping.set()

    async def close(self) -> None:
        """Stop all programmes; the jobs stay as they are and fail at the next start."""
        await asyncio.gather(*(program.stop(1.0) for run in self._runs.values() for program in run.programs))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _live(self, name: str) -> None:
        job = await self._store.run(lambda transaction: transaction.get(training_job.KIND, name))
        if job is None:
            return
        definitions = job["AlgorithmSpecification"].get("MetricDefinitions", [])
        metrics = MetricReader(definitions, lambda *point: self._metrics.offer(name, *point))
        run = self._runs[name] = Run(job, self._jobs_dir / name, metrics)
        if job["TrainingJobStatus"] == "Stopping":
            run.stopping.set()
        try:
            await self._see_through(run)
        finally:
            self._runs.pop(name, None)
            await asyncio.to_thread(clear, run.folder)

    async def _see_through(self, run: Run) -> None:
        """Every job ends in exactly one final status, whatever happens."""
        try:
            artifacts = await self._in_turn(run)
            await self._end(run, "Completed", "Completed", artifacts)
        except EndedEarlyError:
            await self._end_early(run)
        except JobFailedError as failure:
            await self._end(run, "Failed", "Failed", {"FailureReason": str(failure)})
        except Exception:
            _log.exception("training job %s broke the plane", run.name)
            reason = "InternalServerError: We encountered an internal error. Please try again."
            await self._end(run, "Failed", "Failed", {"FailureReason": reason})

    async def _in_turn(self, run: Run) -> Document:
        await self._progress(run, "Pending", "Preparing the instances for training.")
        await self._unless_stopped(run, self._slots.acquire())
        try:
            return await self._execute(run)
        finally:
            self._slots.release()

    async def _execute(self, run: Run) -> Document:
        limit = run.job["StoppingCondition"]["MaxRuntimeInSeconds"]
        run.deadline = time.monotonic() + limit
        await self._progress(run, "Downloading", "Downloading input data")
        await asyncio.to_thread(self._prepare, run)
        if not run.may_go_on():
            raise EndedEarlyError
        await self._progress(run, "Training", "Training image download completed. Training in progress.")
        await self._train(run)
        await self._progress(run, "Uploading", "Uploading generated training model")
        return await self._upload(run, with_model=True)

    def _prepare(self, run: Run) -> None:
        """Fill the private /opt/ml of each host."""
        hosts = host_names(run.job)
        channels = run.job.get("InputDataConfig", [])
        for number, host in enumerate(hosts):
            lay_out(run.opt_ml(host), run.job, host)
            for channel in channels:
                folder = run.opt_ml(host) / "input" / "data" / channel["ChannelName"]
                try:
                    download(self._cloud.s3, channel, folder, number, len(hosts), run.may_go_on)
                except DataError as error:
                    raise JobFailedError(f"ClientError: {error}") from error

    async def _train(self, run: Run) -> None:
        try:
            for host in host_names(run.job):
                run.programs.append(await self._backend.start(self._spec(run, host)))
        except BackendError as error:
            await self._stop_programs(run, 0.0)
            raise JobFailedError(f"ClientError: {error}") from error
        code = await self._unless_stopped(run, _first_failure(run.programs))
        self._logs.background.hurry()
        if code != 0:
            await self._stop_programs(run, self._settings.stop_grace_seconds)
            await self._upload(run, with_model=False)
            raise JobFailedError(algorithm_error([run.opt_ml(host) for host in host_names(run.job)], code))

    async def _unless_stopped(self, run: Run, work: Coroutine[Any, Any, Any]) -> Any:
        """The outcome of `work`; raises EndedEarlyError when the job is to stop or its time is over first."""
        doing, stopping = asyncio.ensure_future(work), asyncio.ensure_future(run.stopping.wait())
        left = None if run.deadline == math.inf else run.deadline - time.monotonic()
        try:
            await asyncio.wait({doing, stopping}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise EndedEarlyError
        finally:
            doing.cancel()
            stopping.cancel()

    async def _end_early(self, run: Run) -> None:
        """SIGTERM, up to 120 s, SIGKILL; what is in /opt/ml/model by then is kept."""
        timed_out = not run.stopping.is_set()
        if timed_out:
            await self._store.run(lambda transaction: training_job.stop(transaction, run.name))
        await self._stop_programs(run, self._settings.stop_grace_seconds)
        members: Document = {}
        if run.programs:
            try:
                members = await self._upload(run, with_model=True)
            except JobFailedError as failure:
                members = {"FailureReason": str(failure)}
        await self._end(run, "Stopped", "MaxRuntimeExceeded" if timed_out else "Stopped", members)

    async def _stop_programs(self, run: Run, grace: float) -> None:
        await asyncio.gather(*(program.stop(grace) for program in run.programs))

    async def _upload(self, run: Run, *, with_model: bool) -> Document:
        opt_mls = [run.opt_ml(host) for host in host_names(run.job)]
        scratch = run.folder / "upload.tar.gz"
        try:
            return await asyncio.to_thread(
                upload, self._cloud.s3, run.job, opt_mls, scratch, with_model=with_model
            )
        except UploadError as error:
            raise JobFailedError(f"ClientError: {error}") from error

    def _spec(self, run: Run, host: str) -> ProgramSpec:
        algorithm = run.job["AlgorithmSpecification"]
        line = self._line(run, host)
        return ProgramSpec(
            name=f"{run.name}/{host}",
            image=algorithm["TrainingImage"],
            command="train",
            # "docker run <image> train", or "docker run --entrypoint <E> <image> <A>"
            arguments=tuple(algorithm.get("ContainerArguments", ())),
            environment=self._settings.container_environment()
            | run.job.get("Environment", {})
            | {"TRAINING_JOB_NAME": run.name, "TRAINING_JOB_ARN": run.job["TrainingJobArn"]},
            opt_ml=run.opt_ml(host),
            log=line,
            entrypoint=tuple(algorithm.get("ContainerEntrypoint", ())),
        )

    def _line(self, run: Run, host: str) -> Callable[[str], None]:
        stream = f"{run.name}/{host}-{int(time.time())}"

        def line(text: str) -> None:
            self._logs.line(_LOG_GROUP, stream, text)
            run.metrics.read(text, time.time())

        return line

    async def _progress(self, run: Run, secondary: str, message: str) -> None:
        await self._store.run(
            lambda transaction: training_job.progress(transaction, run.name, secondary, message)
        )

    async def _end(self, run: Run, status: str, secondary: str, members: Document) -> None:
        final = run.metrics.final()
        if final:
            members = members | {"FinalMetricDataList": final}
        await self._store.run(
            lambda transaction: training_job.end(transaction, run.name, status, secondary, members)
        )


async def _first_failure(programs: list[Program]) -> int:
    """0 when every host ends well, else the exit code of the first that does not."""
    waits = [asyncio.ensure_future(program.wait()) for program in programs]
    try:
        for done in asyncio.as_completed(waits):
            code = await done
            if code != 0:
                return code
        return 0
    finally:
        for wait in waits:
            wait.cancel()

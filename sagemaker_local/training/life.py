"""The life of training jobs after they were created: data, program, artifacts, end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from sagemaker_local.cloud import Cloud
from sagemaker_local.jobs.channels import DataError, download
from sagemaker_local.jobs.life import (
    INTERNAL_ERROR,
    EndedEarlyError,
    JobFailedError,
    algorithm_error,
    first_failure,
)
from sagemaker_local.jobs.runs import JobRuns
from sagemaker_local.logs import LogShipper
from sagemaker_local.runtime.backend import Backend, BackendError
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document, Store, Transaction
from sagemaker_local.training import api
from sagemaker_local.training.checkpoints import Checkpoints
from sagemaker_local.training.files import host_names, lay_out, receivers
from sagemaker_local.training.instances import NO_CAPACITY, provisioned
from sagemaker_local.training.metrics import MetricPublisher, MetricReader
from sagemaker_local.training.output import (
    UploadError,
    upload,
)
from sagemaker_local.training.pipes import Pipe, read_channel
from sagemaker_local.training.program import Run, program_spec
from sagemaker_local.training.tuning_progress import TuningProgress

_LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_log = logging.getLogger(__name__)


class TrainingRuns(JobRuns):
    """All jobs that live. At most `training_jobs_at_once` train; the others wait, Pending."""

    def __init__(
        self,
        store: Store,
        backend: Backend,
        cloud: Cloud,
        logs: LogShipper,
        metrics: MetricPublisher,
        settings: Settings,
        progress: TuningProgress,
        has_capacity: Callable[[str], bool] = lambda _: True,
    ) -> None:
        super().__init__("training job", store, settings.data_dir / "jobs")
        self._backend = backend
        self._cloud = cloud
        self._logs = logs
        self._metrics = metrics
        self._settings = settings
        self._tuning_progress = progress
        self._has_capacity = has_capacity
        self._slots = asyncio.Semaphore(settings.training_jobs_at_once)

    async def live(self, name: str, stopping: asyncio.Event) -> None:
        job = await self._store.run(lambda transaction: transaction.get(api.KIND, name))
        if job is None:
            return
        definitions = job["AlgorithmSpecification"].get("MetricDefinitions", [])
        metrics = MetricReader(definitions, lambda *point: self._measured(job, *point))
        folder = self._folder / name
        checkpoints = Checkpoints(self._cloud.s3, job, [folder / host for host in host_names(job)])
        run = Run(job=job, folder=folder, metrics=metrics, checkpoints=checkpoints, stopping=stopping)
        try:
            await self._see_through(run)
        finally:
            await run.stop_programs(0.0)
            await asyncio.to_thread(run.close_pipes)
            self._tuning_progress.ended(job)

    def fail_interrupted(self, transaction: Transaction) -> list[str]:
        return api.fail_interrupted(transaction)

    def waiting(self, transaction: Transaction) -> list[tuple[str, bool]]:
        return api.waiting(transaction)

    async def _see_through(self, run: Run) -> None:
        """Every job ends in exactly one final status, whatever happens."""
        try:
            await self._in_turn(run)
            await self._end(run, "Completed", "Completed")
        except EndedEarlyError:
            await self._end_early(run)
        except JobFailedError as failure:
            await self._end(run, "Failed", "Failed", str(failure))
        except Exception:
            _log.exception("training job %s broke the plane", run.name)
            await self._end(run, "Failed", "Failed", INTERNAL_ERROR)

    async def _in_turn(self, run: Run) -> None:
        await self._progress(run, "Pending", "Preparing the instances for training.")
        longest = run.job["StoppingCondition"].get("MaxWaitTimeInSeconds")
        if longest is not None:  # of Spot: "includes the time spent waiting and the time the job runs"
            run.deadline = time.monotonic() + run.job["CreationTime"] + longest - time.time()
        await run.unless_stopped(self._slots.acquire())
        try:
            await self._provision(run)
            await self._execute(run)
        finally:
            self._slots.release()

    async def _provision(self, run: Run) -> None:
        resources = provisioned(run.job["ResourceConfig"], self._has_capacity)
        if resources is None:
            raise JobFailedError(NO_CAPACITY)
        run.job["ResourceConfig"] = resources
        await self._store.run(lambda each: api.provisioned(each, run.name, resources))

    async def _execute(self, run: Run) -> None:
        runtime = time.monotonic() + run.job["StoppingCondition"]["MaxRuntimeInSeconds"]
        if runtime <= run.deadline:
            run.deadline, run.exceeded = runtime, "MaxRuntimeExceeded"
        if any(mode == "File" for _, mode in run.channels) or not run.channels:
            await self._progress(run, "Downloading", "Downloading input data")
        await asyncio.to_thread(self._prepare, run)
        if not run.may_go_on():
            raise EndedEarlyError
        await self._progress(run, "Training", "Training image download completed. Training in progress.")
        async with run.checkpoints.kept(self._settings.continuous_upload_seconds):
            await self._train(run)
        await self._progress(run, "Uploading", "Uploading generated training model")
        await self._upload(run, with_model=True)

    def _prepare(self, run: Run) -> None:
        """Fill the private /opt/ml of each host."""
        try:
            for host, opt_ml in zip(run.hosts, run.opt_mls, strict=True):
                lay_out(opt_ml, run.job, host)
                for channel, mode in run.channels:
                    hosts = receivers(run.job, channel)
                    if host in hosts:
                        self._bring(
                            run, channel, mode, opt_ml / "input" / "data", hosts.index(host), len(hosts)
                        )
            run.checkpoints.restore()
        except DataError as error:
            raise JobFailedError(f"ClientError: {error}") from error

    def _bring(self, run: Run, channel: Document, mode: str, data: Path, number: int, hosts: int) -> None:
        """One channel for host number `number` of the `hosts` that get it."""
        s3 = self._cloud.s3
        if mode == "Pipe":
            run.pipes.append(Pipe(s3, read_channel(s3, channel, number, hosts), data))
        else:
            download(s3, channel, data / channel["ChannelName"], number, hosts, run.may_go_on)

    async def _train(self, run: Run) -> None:
        for pipe in run.pipes:
            pipe.start()
        try:
            for host in run.hosts:
                spec = program_spec(run, host, self._settings, self._line(run, host))
                run.programs.append(await self._backend.start(spec))
        except BackendError as error:
            await run.stop_programs(0.0)
            raise JobFailedError(f"ClientError: {error}") from error
        code = await run.unless_stopped(first_failure(run.programs))
        self._logs.background.hurry()
        errors = [pipe.error for pipe in run.pipes if pipe.error]
        if code != 0 or errors:
            await run.stop_programs(self._settings.stop_grace_seconds)
            await self._upload(run, with_model=False)
            raise JobFailedError(
                f"ClientError: {errors[0]}" if errors else algorithm_error(run.opt_mls, code)
            )

    async def _end_early(self, run: Run) -> None:
        """SIGTERM, up to 120 s, SIGKILL; what is in /opt/ml/model by then is kept."""
        timed_out = not run.stopping.is_set()
        if timed_out:
            await self._store.run(lambda transaction: api.stop(transaction, run.name))
        await run.stop_programs(self._settings.stop_grace_seconds)
        reason = None
        if run.programs:
            try:
                await self._upload(run, with_model=True)
            except JobFailedError as failure:
                reason = str(failure)
        await self._end(run, "Stopped", run.exceeded if timed_out else "Stopped", reason)

    async def _upload(self, run: Run, *, with_model: bool) -> None:
        scratch = run.folder / "upload.tar.gz"
        s3, job, opt_mls = self._cloud.s3, run.job, run.opt_mls

        def work() -> None:
            run.checkpoints.push()
            upload(s3, job, opt_mls, scratch, with_model=with_model)

        try:
            await asyncio.to_thread(work)
        except UploadError as error:
            raise JobFailedError(f"ClientError: {error}") from error

    def _line(self, run: Run, host: str) -> Callable[[str], None]:
        stream = f"{run.name}/{host}-{int(time.time())}"

        def line(text: str) -> None:
            self._logs.line(_LOG_GROUP, stream, text)
            run.metrics.read(text, time.time())

        return line

    def _measured(self, job: Document, metric: str, value: float, at: float) -> None:
        self._metrics.offer(job["TrainingJobName"], metric, value, at)
        self._tuning_progress.measured(job, metric, value)

    async def _progress(self, run: Run, secondary: str, message: str) -> None:
        await self._store.run(lambda each: api.progress(each, run.name, secondary, message))

    async def _end(self, run: Run, status: str, secondary: str, reason: str | None = None) -> None:
        final, curve = run.metrics.final(), self._tuning_progress.curve(run.name)
        await self._store.run(
            lambda each: api.end(each, run.name, status, secondary, reason=reason, metrics=final, curve=curve)
        )

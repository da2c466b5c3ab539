"""The life of transform jobs: the model is served, every object is sent to it, then it is gone again."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.hosting.data_plane import CLOSE_GRACE_SECONDS
from sagemaker_local.hosting.serving.connection import ContainerError, Reply
from sagemaker_local.hosting.serving.instance import Instance
from sagemaker_local.hosting.serving.model_data import install
from sagemaker_local.hosting.serving.spec import VariantFailedError
from sagemaker_local.hosting.serving.variant import start_all
from sagemaker_local.jobs.channels import (
    DataError,
    DataObject,
    nothing_there,
    objects_of,
)
from sagemaker_local.jobs.document import TRANSFORM
from sagemaker_local.jobs.kind_runs import KindRuns
from sagemaker_local.jobs.life import JobFailedError, Life, outcome
from sagemaker_local.runtime.backend import BackendError, ProgramSpec
from sagemaker_local.s3_uri import S3UriError
from sagemaker_local.store import Document
from sagemaker_local.transform.outputs import Outputs
from sagemaker_local.transform.parameters import choose, container_environment
from sagemaker_local.transform.share import ALGORITHM_ERROR, TransformShare
from sagemaker_local.transform.transform_file import TransformPlan
from sagemaker_local.wording import in_words

_LOG_GROUP = "/aws/sagemaker/TransformJobs"
_STARTUP_SECONDS = 480.0
_PARAMETERS_SECONDS = 5.0


@dataclass(kw_only=True)
class TransformRun(Life):
    """One job that lives. `failure` is the FailureReason once an object could not be transformed."""

    job: Document
    folder: Path
    outputs: Outputs
    instances: list[Instance] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    failure: str | None = None

    @property
    def name(self) -> str:
        return TRANSFORM.name(self.job)


class TransformRuns(KindRuns):
    """All transform jobs that live."""

    job_kind = TRANSFORM

    async def live(self, name: str, stopping: asyncio.Event) -> None:
        job = await self._store.run(lambda transaction: transaction.get(TRANSFORM.kind, name))
        if job is None:
            return
        outputs = Outputs(self._cloud.s3)
        run = TransformRun(job=job, folder=self._folder / name, outputs=outputs, stopping=stopping)
        try:
            status, reason = await outcome(name, run.unless_stopped(self._in_turn(run)))
        finally:
            await asyncio.gather(*(each.stop(CLOSE_GRACE_SECONDS) for each in run.instances))
            self._logs.background.hurry()
        if status == "Stopped":
            await outputs.discard()
        await self._store.run(lambda transaction: TRANSFORM.end(transaction, name, status, reason))

    async def _in_turn(self, run: TransformRun) -> None:
        async with self._slots:
            await self._store.run(lambda transaction: TRANSFORM.began(transaction, run.name))
            try:
                objects = await asyncio.to_thread(self._objects, run.job)
                await self._start(run)
            except (DataError, VariantFailedError) as error:
                raise JobFailedError(f"ClientError: {error}") from error
            await self._transform(run, objects)
            if run.failure is not None:
                raise JobFailedError(run.failure)

    def _objects(self, job: Document) -> list[DataObject]:
        source = job["TransformInput"]["DataSource"]["S3DataSource"]
        try:
            found = list(objects_of(self._cloud.s3, source))
        except (BotoCoreError, ClientError, S3UriError) as error:
            raise DataError(f"Data download failed:{in_words(error)}") from error
        if not found:
            raise DataError(nothing_there(source["S3Uri"]))
        return found

    async def _start(self, run: TransformRun) -> None:
        """Every instance serves the model. Raises VariantFailedError when there is no model to serve."""
        run.instances = [self._instance(run) for _ in range(run.job["TransformResources"]["InstanceCount"])]
        folders = [instance.spec.opt_ml / "model" for instance in run.instances]
        for folder in folders:
            folder.mkdir(parents=True)
        uri = run.job["_Container"]["ModelData"]
        if uri is not None:
            await asyncio.to_thread(install, self._cloud.s3, uri, folders, run.folder)
        try:
            await start_all(run.instances, _STARTUP_SECONDS)
        except VariantFailedError as error:
            self._data_log(run, 0, "Model server did not pass the ping health check")
            raise JobFailedError(ALGORITHM_ERROR) from error
        except BackendError as error:
            raise JobFailedError(f"ClientError: {error}") from error

    def _instance(self, run: TransformRun) -> Instance:
        instance_id = f"i-{uuid.uuid4().hex[:17]}"
        stream = f"{run.name}/{instance_id}-{int(time.time())}"
        run.streams.append(stream)
        container = run.job["_Container"]
        environment = self._settings.container_environment(container.get("Role")) | container["Environment"]
        spec = ProgramSpec(
            name=f"{run.name}/{instance_id}",
            image=container["Image"],
            command="serve",
            arguments=(),
            environment=environment | container_environment(run.job),
            opt_ml=run.folder / instance_id,
            log=lambda line: self._logs.line(_LOG_GROUP, stream, line),
        )
        return Instance(self._backend, spec)

    async def _transform(self, run: TransformRun, objects: list[DataObject]) -> None:
        parameters = choose(run.job, await _offered(run.instances[0]))
        self._data_log(run, 0, str(parameters))
        plan = TransformPlan.of(run.job, parameters)
        await asyncio.gather(
            *(
                self._share(run, number, plan).transform(objects[number :: len(run.instances)])
                for number in range(len(run.instances))
            )
        )

    def _share(self, run: TransformRun, number: int, plan: TransformPlan) -> TransformShare:
        def failed(reason: str, lines: list[str]) -> None:
            run.failure = run.failure or reason
            for line in lines:
                self._data_log(run, number, line)

        return TransformShare(
            self._cloud.s3, run.job, run.folder, plan, run.instances[number], run.outputs, failed
        )

    def _data_log(self, run: TransformRun, number: int, text: str) -> None:
        self._logs.line(_LOG_GROUP, f"{run.streams[number]}/data-log", f"[sagemaker logs]: {text}")


async def _offered(instance: Instance) -> dict[str, object]:
    """GET /execution-parameters; a container without it offers nothing."""
    reply = Reply()
    with suppress(ContainerError, TimeoutError):
        async with asyncio.timeout(_PARAMETERS_SECONDS):
            reply = await instance.client.request(b"GET", b"/execution-parameters")
    try:
        offered = json.loads(reply.body) if reply.status == 200 else {}
    except ValueError:
        offered = {}
    return offered if isinstance(offered, dict) else {}

"""What one instance of a transform job does: its share of the objects, several at a time."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.hosting.serving.instance import Instance
from sagemaker_local.jobs.channels import DataError, DataObject, fetch
from sagemaker_local.s3_uri import split_uri
from sagemaker_local.store import Document
from sagemaker_local.transform.data_processing import DataProcessingError
from sagemaker_local.transform.invocations import InvocationFailedError, Invocations
from sagemaker_local.transform.outputs import Outputs
from sagemaker_local.transform.records import RecordError
from sagemaker_local.transform.transform_file import TransformPlan, transform_file
from sagemaker_local.wording import in_words

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CLIENT_ERROR = "ClientError: See job logs for more information"
ALGORITHM_ERROR = "AlgorithmError: See job logs for more information"
_DATA_ERRORS = (RecordError, DataProcessingError, DataError)


@dataclass(frozen=True)
class TransformShare:
    """`failed` is told the FailureReason and the log lines of every object that could not be transformed."""

    s3: S3Client
    job: Document
    folder: Path
    plan: TransformPlan
    instance: Instance
    outputs: Outputs
    failed: Callable[[str, list[str]], None]

    async def transform(self, objects: list[DataObject]) -> None:
        """Transform all of them; never more requests at once than the instance takes."""
        slots = asyncio.Semaphore(self.plan.parameters.max_concurrent)
        left = iter(objects)

        async def worker() -> None:
            for each in left:
                await self._object(each, slots)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.plan.parameters.max_concurrent, len(objects))):
                group.create_task(worker())

    async def _object(self, each: DataObject, slots: asyncio.Semaphore) -> None:
        """One object; when it fails the others go on, and it leaves no output."""
        where = f"{each.bucket}/{each.key}"
        try:
            await self._transformed(each, slots)
        except InvocationFailedError as error:
            said = ["Message:", *error.message.splitlines()] if error.message else []
            reason = CLIENT_ERROR if error.is_client_error else ALGORITHM_ERROR
            self.failed(reason, [f"{where}: {line}" for line in (str(error), *said)])
        except _DATA_ERRORS as error:
            self.failed(CLIENT_ERROR, [f"{where}: ClientError: {error}"])
        except (Boto3Error, BotoCoreError, ClientError) as error:
            self.failed(CLIENT_ERROR, [f"{where}: ClientError: {in_words(error)}"])
        except OSError as error:
            why = f"the object cannot be read: {in_words(error)}"
            self.failed(CLIENT_ERROR, [f"{where}: ClientError: {why}"])
        except EOFError as error:
            self.failed(CLIENT_ERROR, [f"{where}: ClientError: the object cannot be read: {error}"])

    async def _transformed(self, each: DataObject, slots: asyncio.Semaphore) -> None:
        place = self.folder / f"object-{uuid.uuid4().hex}"
        source, target = place / "in" / each.path, place / "out"
        invocations = Invocations.of(self.job)

        async def ask(body: bytes) -> bytes:
            async with slots:
                return await invocations.ask(self.instance, body)

        try:
            await asyncio.to_thread(fetch, self.s3, each, place / "in")
            await transform_file(source, target, self.plan, ask)
            await self._store(each, target)
        finally:
            source.unlink(missing_ok=True)
            target.unlink(missing_ok=True)

    async def _store(self, each: DataObject, target: Path) -> None:
        """`<S3OutputPath>/<the object's path>.out`."""
        wanted = self.job["TransformOutput"]
        bucket, prefix = split_uri(wanted["S3OutputPath"].rstrip("/") + "/")
        arguments = {"ContentType": wanted["Accept"]} if "Accept" in wanted else {}
        await self.outputs.put(target, bucket, f"{prefix}{each.path.as_posix()}.out", arguments)

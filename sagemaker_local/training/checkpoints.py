"""Checkpoints: /opt/ml/checkpoints and CheckpointConfig.S3Uri, kept alike while a job trains.

"When a training job starts, SageMaker AI copies the checkpoints from S3 to the local path; during training it copies
them to S3" (Developer Guide, Checkpoints). An earlier job's are so the next one's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.jobs.channels import DataError, fetch, objects_of
from sagemaker_local.jobs.folder_sync import FolderSync, repeat
from sagemaker_local.s3_uri import S3UriError
from sagemaker_local.store import Document
from sagemaker_local.training.output import UploadError
from sagemaker_local.wire.errors import validation
from sagemaker_local.wording import in_words

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TAKEN = ("input", "model", "output", "code")
_OPT_ML = PurePosixPath("/opt/ml")
DEFAULT_PATH = "/opt/ml/checkpoints"


def check_local_path(config: Document) -> None:
    """Raise ServiceError unless LocalPath is a folder of /opt/ml, which is all that a job has here."""
    path = PurePosixPath(config.get("LocalPath", DEFAULT_PATH))
    if not path.is_relative_to(_OPT_ML) or path == _OPT_ML or ".." in path.parts:
        raise validation(
            f"CheckpointConfig.LocalPath '{path}' must be a folder below /opt/ml, such as {DEFAULT_PATH}."
        )
    taken = path.relative_to(_OPT_ML).parts[0]
    if taken in _TAKEN:  # their files would be overwritten, or kept twice
        raise validation(
            f"CheckpointConfig.LocalPath '{path}' lies in /opt/ml/{taken}, which SageMaker itself fills or reads; "
            f"use {DEFAULT_PATH}."
        )


class Checkpoints:
    """Those of all hosts of one job; a job without CheckpointConfig has none, and nothing happens."""

    def __init__(self, s3: S3Client, job: Document, opt_mls: list[Path]) -> None:
        self._s3 = s3
        config = job.get("CheckpointConfig")
        self._uri = "" if config is None else config["S3Uri"].rstrip("/") + "/"
        path = PurePosixPath((config or {}).get("LocalPath", DEFAULT_PATH)).relative_to(_OPT_ML)
        self._folders = [] if config is None else [opt_ml / path for opt_ml in opt_mls]
        homes = zip(self._folders, opt_mls, strict=False)
        self._syncs = [FolderSync(s3, self._uri, folder, home, deletes=True) for folder, home in homes]

    def restore(self) -> None:
        """Bring what an earlier job kept; nothing there is a first start. Blocks; raises DataError."""
        try:
            for folder, sync in zip(self._folders, self._syncs, strict=True):
                folder.mkdir(parents=True, exist_ok=True)
                for each in objects_of(self._s3, {"S3DataType": "S3Prefix", "S3Uri": self._uri}):
                    fetch(self._s3, each, folder)
                sync.know()
        except (BotoCoreError, ClientError, S3UriError, OSError) as error:
            raise DataError(f"Checkpoints cannot be restored:{in_words(error)}") from error

    def push(self) -> None:
        """Copy what is new to S3. Blocks; raises UploadError."""
        try:
            for sync in self._syncs:
                sync.push()
        except (BotoCoreError, Boto3Error, ClientError, S3UriError, OSError) as error:
            raise UploadError(f"Checkpoint upload failed:{in_words(error)}") from error

    @contextlib.asynccontextmanager
    async def kept(self, seconds: float) -> AsyncIterator[None]:
        """Push every so often while the block runs. The last push, which must succeed, is the caller's."""
        if not self._syncs:
            yield
            return
        pushing = asyncio.create_task(repeat(self.push, seconds, UploadError, "a checkpoint"))
        try:
            yield
        finally:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)

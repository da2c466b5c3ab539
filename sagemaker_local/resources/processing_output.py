"""Outputs of a processing job: folders of its hosts that become objects in S3."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.resources.processing_files import local, managed
from sagemaker_local.resources.training_data import DataError, split_uri
from sagemaker_local.store import Document

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_log = logging.getLogger(__name__)
_Seen = tuple[int, int]  # time of the last change in nanoseconds, size


class OutputError(Exception):
    """An output cannot be written; the text is the FailureReason after `ClientError: `."""


class Outputs:
    """Uploads what is new: a file goes to S3 once, and again when it has changed."""

    def __init__(self, s3: S3Client, job: Document, opt_mls: list[Path]) -> None:
        self._s3 = s3
        self._opt_mls = opt_mls
        self._outputs = managed(job.get("ProcessingOutputConfig", {}).get("Outputs", []), "S3Output")
        self._sent: dict[Path, _Seen] = {}

    @property
    def has_continuous(self) -> bool:
        return any(output["S3UploadMode"] == "Continuous" for output in self._outputs)

    def upload(self, mode: str) -> None:
        """Upload the outputs of S3UploadMode `mode`. Blocks; raises OutputError."""
        try:
            for output in self._outputs:
                if output["S3UploadMode"] == mode:
                    for opt_ml in self._opt_mls:
                        self._upload(output["S3Uri"], local(opt_ml, output["LocalPath"]))
        except (BotoCoreError, Boto3Error, ClientError, DataError, OSError) as error:
            raise OutputError(f"Output upload failed:{error}") from error

    async def keep_uploading(self, seconds: float) -> None:
        """Upload the Continuous outputs again and again, until cancelled; a failure waits for the next time."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await asyncio.to_thread(self.upload, "Continuous")
            except OutputError as error:
                _log.warning("a continuous output waits: %s", error)

    def _upload(self, uri: str, folder: Path) -> None:
        """ "Symlinks are not followed when uploading output data"."""
        bucket, prefix = split_uri(uri.rstrip("/") + "/")
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file() or self._is_through_link(path, folder):
                continue
            with contextlib.suppress(FileNotFoundError):  # it may be renamed while we look
                status = path.stat()
                seen = (status.st_mtime_ns, status.st_size)
                if self._sent.get(path) != seen:
                    self._s3.upload_file(str(path), bucket, prefix + path.relative_to(folder).as_posix())
                    self._sent[path] = seen

    @staticmethod
    def _is_through_link(path: Path, folder: Path) -> bool:
        return not path.resolve().is_relative_to(folder.resolve())

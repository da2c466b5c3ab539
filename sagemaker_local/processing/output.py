"""Outputs of a processing job: folders of its hosts that become objects in S3."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.jobs.folder_sync import FolderSync, repeat
from sagemaker_local.processing.files import local, managed
from sagemaker_local.s3_uri import S3UriError
from sagemaker_local.store import Document
from sagemaker_local.wording import in_words

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class OutputError(Exception):
    """An output cannot be written; the text is the FailureReason after `ClientError: `."""


class Outputs:
    """Uploads what is new. "Symlinks are not followed when uploading output data"."""

    def __init__(self, s3: S3Client, job: Document, opt_mls: list[Path]) -> None:
        outputs = managed(job.get("ProcessingOutputConfig", {}).get("Outputs", []), "S3Output")
        self._syncs = [
            (
                output["S3UploadMode"],
                FolderSync(s3, output["S3Uri"], local(opt_ml, output["LocalPath"]), opt_ml),
            )
            for output in outputs
            for opt_ml in opt_mls
        ]

    @property
    def has_continuous(self) -> bool:
        return any(mode == "Continuous" for mode, _ in self._syncs)

    def upload(self, mode: str) -> None:
        """Upload the outputs of S3UploadMode `mode`. Blocks; raises OutputError."""
        try:
            for wanted, sync in self._syncs:
                if wanted == mode:
                    sync.push()
        except (BotoCoreError, Boto3Error, ClientError, S3UriError, OSError) as error:
            raise OutputError(f"Output upload failed:{in_words(error)}") from error

    async def keep_uploading(self, seconds: float) -> None:
        """Upload the Continuous outputs again and again, until cancelled; a failure waits for the next time."""
        await repeat(
            functools.partial(self.upload, "Continuous"), seconds, OutputError, "a continuous output"
        )

"""What a transform job has stored in S3, and how it is taken back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_log = logging.getLogger(__name__)


class Outputs:
    """The objects of one job. A thread that uploads goes on when its caller is cancelled; `discard` waits for it."""

    def __init__(self, s3: S3Client) -> None:
        self._s3 = s3
        self._uploads: dict[tuple[str, str], asyncio.Future[None]] = {}

    async def put(self, file: Path, bucket: str, key: str, arguments: Mapping[str, Any]) -> None:
        """Upload a file. Raises the errors of S3."""
        upload = asyncio.ensure_future(
            asyncio.to_thread(self._s3.upload_file, str(file), bucket, key, ExtraArgs=dict(arguments))
        )
        self._uploads[bucket, key] = upload
        await asyncio.shield(upload)

    async def discard(self) -> None:
        """ "When you stop a batch transform job before it is completed, Amazon SageMaker doesn't store the job's output
        in Amazon S3" (StopTransformJob).
        """
        await asyncio.gather(*self._uploads.values(), return_exceptions=True)
        for bucket, key in self._uploads:
            try:
                await asyncio.to_thread(self._s3.delete_object, Bucket=bucket, Key=key)
            except (BotoCoreError, ClientError) as error:
                _log.warning("output s3://%s/%s of a stopped transform job stays: %s", bucket, key, error)

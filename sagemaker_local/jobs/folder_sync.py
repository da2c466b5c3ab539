"""A folder of this machine and a prefix in S3: what is new in the folder goes up, once, and again when it changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sagemaker_local.training.channels import split_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_log = logging.getLogger(__name__)
_Seen = tuple[int, int]  # time of the last change in nanoseconds, size


class FolderSync:
    """Links are not followed. With `deletes`, what vanishes from the folder vanishes from S3 too."""

    def __init__(self, s3: S3Client, uri: str, folder: Path, *, deletes: bool = False) -> None:
        self._s3 = s3
        self._uri = uri.rstrip("/") + "/"
        self._folder = folder
        self._deletes = deletes
        self._sent: dict[Path, _Seen] = {}
        self._pushing = threading.Lock()  # the last push may begin before the one before it has ended

    def know(self) -> None:
        """What is in the folder now came from S3, and need not go there."""
        self._sent = {path: seen for path in _files(self._folder) if (seen := _seen(path))}

    def push(self) -> None:
        """Upload what is new. Blocks; raises botocore's and boto3's errors, DataError and OSError."""
        with self._pushing:
            self._push()

    def _push(self) -> None:
        bucket, prefix = split_uri(self._uri)
        for path in _files(self._folder):
            with contextlib.suppress(FileNotFoundError):  # it may be renamed while we look
                seen = _seen(path)
                if seen is not None and self._sent.get(path) != seen:
                    self._s3.upload_file(str(path), bucket, prefix + self._name(path))
                    self._sent[path] = seen
        if self._deletes:
            for path in [each for each in self._sent if not each.exists()]:
                self._s3.delete_object(Bucket=bucket, Key=prefix + self._name(path))
                del self._sent[path]

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()


async def repeat(work: Callable[[], None], seconds: float, failures: type[Exception], what: str) -> None:
    """Do blocking `work` every so often, until cancelled; when it raises `failures`, the next time may do better."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(work)
        except failures as error:
            _log.warning("%s waits: %s", what, error)


def _files(folder: Path) -> Iterator[Path]:
    home = folder.resolve()
    for path in sorted(folder.rglob("*")):
        if not path.is_symlink() and path.is_file() and path.resolve().is_relative_to(home):
            yield path


def _seen(path: Path) -> _Seen | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size

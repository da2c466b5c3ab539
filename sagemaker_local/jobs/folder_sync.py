"""A folder of this machine and a prefix in S3: what is new in the folder goes up, once, and again when it changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sagemaker_local.links import entries, resolved
from sagemaker_local.s3_uri import split_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_log = logging.getLogger(__name__)
_Seen = tuple[int, int]  # time of the last change in nanoseconds, size


class FolderSync:
    """`folder` lies in a container's /opt/ml. With `deletes`, what vanishes from it vanishes from S3 too."""

    def __init__(
        self,
        s3: S3Client,
        uri: str,
        folder: Path,
        opt_ml: Path,
        *,
        deletes: bool = False,
        follows_links: bool = False,
    ) -> None:
        self._s3 = s3
        self._uri = uri.rstrip("/") + "/"
        self._folder = folder
        self._opt_ml = opt_ml
        self._follows_links = follows_links
        self._deletes = deletes
        self._sent: dict[str, _Seen] = {}
        self._pushing = threading.Lock()  # the last push may begin before the one before it has ended

    def know(self) -> None:
        """What is in the folder now came from S3, and need not go there."""
        self._sent = {name: seen for name, path in self._files() if (seen := _seen(path))}

    def push(self) -> None:
        """Upload what is new. Blocks; raises botocore's and boto3's errors, S3UriError and OSError."""
        with self._pushing:
            self._push()

    def _push(self) -> None:
        bucket, prefix = split_uri(self._uri)
        found = dict(self._files())
        for name, path in found.items():
            with contextlib.suppress(FileNotFoundError):  # it may be renamed while we look
                seen = _seen(path)
                if seen is not None and self._sent.get(name) != seen:
                    self._s3.upload_file(str(path), bucket, prefix + name)
                    self._sent[name] = seen
        if self._deletes:
            for name in [each for each in self._sent if each not in found]:
                self._s3.delete_object(Bucket=bucket, Key=prefix + name)
                del self._sent[name]

    def _files(self) -> Iterator[tuple[str, Path]]:
        """By name. "Symlinks are not followed when uploading output data" of processing jobs."""
        home = resolved(self._opt_ml, self._folder)
        for entry in entries(self._opt_ml, self._folder) if home else ():
            is_own = self._follows_links or entry.real == (home or self._folder) / entry.name
            if entry.real is not None and is_own and entry.real.is_file():
                yield entry.name, entry.real


async def repeat(work: Callable[[], None], seconds: float, failures: type[Exception], what: str) -> None:
    """Do blocking `work` every so often, until cancelled; when it raises `failures`, the next time may do better."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(work)
        except failures as error:
            _log.warning("%s waits: %s", what, error)


def _seen(path: Path) -> _Seen | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size

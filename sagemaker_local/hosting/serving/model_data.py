"""A variant's model: from S3 into the containers' /opt/ml/model."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local import archive
from sagemaker_local.hosting.serving.spec import VariantFailedError
from sagemaker_local.jobs.channels import DataError, DataObject, fetch
from sagemaker_local.s3_uri import S3UriError, split_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_MODEL_BYTES = 20 * 1024**3
_LONGEST_NAME = 255  # bytes


def install(s3: S3Client, uri: str, folders: Sequence[Path], scratch: Path) -> None:
    """Download the archive at `uri` once and unpack it into each of `folders`.

    Raises `VariantFailedError` in AWS's words. Blocks: call it in a thread.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        tar = Path(place) / "model.tar.gz"
        _download(s3, uri, tar)
        for folder in folders:
            _unpack(uri, tar, folder)


def copy(s3: S3Client, uri: str, folders: Sequence[Path], _scratch: Path) -> None:
    """Bring a model that is no archive: of an object "the last part" of its key is the file's name; of a prefix every
    object has the path below it (S3ModelDataSource). Raises `VariantFailedError`. Blocks: call it in a thread.
    """
    try:
        found = list(_files(s3, uri))
        for each in found:
            for folder in folders:
                fetch(s3, each, folder)
    except DataError as error:
        raise _failed(uri, f"{error}.") from error
    except (BotoCoreError, ClientError, S3UriError) as error:
        raise _not_there(uri) from error
    if not found:
        raise _not_there(uri)


def _files(s3: S3Client, uri: str) -> Iterator[DataObject]:
    bucket, key = split_uri(uri)
    if key and not key.endswith("/"):
        yield DataObject(bucket, key, PurePosixPath(key.rpartition("/")[2]))
        return
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key):
        for item in page.get("Contents", []):
            yield DataObject(bucket, item["Key"], _path(item["Key"], item["Key"].removeprefix(key)))


def _path(key: str, below: str) -> PurePosixPath:
    """ "Do not use any of the following as file names or directory names: an empty or blank string, a string which
    contains null bytes, a string longer than 255 bytes, a single dot, a double dot"; the folders of S3's console, whose
    keys end with a slash, lead "to model deployment failure" (S3ModelDataSource). Raises DataError.
    """
    for name in below.split("/"):
        if not name.strip() or name in (".", "..") or "\0" in name or len(name.encode()) > _LONGEST_NAME:
            raise DataError(f"The key '{key}' names no file: '{name[:20]}' is no name of a file or folder")
    return PurePosixPath(below)


def _not_there(uri: str) -> VariantFailedError:
    return _failed(
        uri,
        "Please ensure that there is an object located at the URL and that the role passed to CreateModel has "
        "permissions to download the object.",
    )


def _failed(uri: str, reason: str) -> VariantFailedError:
    return VariantFailedError(
        f'Failed to download model data for container "container_1" from URL: "{uri}". {reason}'
    )


def _download(s3: S3Client, uri: str, to: Path) -> None:
    try:
        s3.download_file(*split_uri(uri), str(to))
    except (BotoCoreError, ClientError, S3UriError) as error:
        raise _not_there(uri) from error


def _unpack(uri: str, tar: Path, folder: Path) -> None:
    try:
        archive.unpack(tar, folder, max_bytes=MAX_MODEL_BYTES)
    except archive.ArchiveError as error:
        raise VariantFailedError(
            f'Failed to extract model data archive for container "container_1" from URL "{uri}". Please '
            f"ensure that the object located at the URL is a valid tar.gz archive. ({error})"
        ) from error

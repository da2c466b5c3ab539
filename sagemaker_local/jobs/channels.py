"""Channels: which S3 objects they name, and where those land in /opt/ml/input/data.

An object's path in the channel is its key below the prefix, whether or not that ends with "/": upload_data of
the SDK returns `s3://b/data/train`, and scripts find `a.csv` in the channel. S3Prefix "matches all objects that
match the prefix", so `s3://b/train` also brings `train-2/x`, under that name. Keys are hostile input: none
leaves its folder.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.s3_uri import S3UriError, split_uri
from sagemaker_local.store import Document
from sagemaker_local.wording import in_words

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
_TRANSFER = TransferConfig(max_concurrency=2)
_ILLEGAL = ("//", "/./")  # names that no file can have


class DataError(Exception):
    """The data of a channel cannot be brought; the text is the FailureReason after `ClientError: `."""


@dataclass(frozen=True)
class DataObject:
    """One S3 object and where it goes, relative to the channel's folder."""

    bucket: str
    key: str
    path: PurePosixPath


def download(
    s3: S3Client, channel: Document, folder: Path, host: int, hosts: int, go_on: Callable[[], bool]
) -> None:
    """Bring one channel into `folder`; `host` of `hosts` gets its share. Ends early when `go_on` says no."""
    source = channel["DataSource"]["S3DataSource"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        everything = list(objects_of(s3, source))
        if not everything:
            raise DataError(nothing_there(source["S3Uri"]))
        for each in share_of(source, everything, host, hosts):
            if not go_on():
                return
            fetch(s3, each, folder)
    except (BotoCoreError, ClientError, S3UriError) as error:
        raise DataError(f"Data download failed:{in_words(error)}") from error
    except OSError as error:
        raise DataError(
            f"Data download failed:channel {channel['ChannelName']}: {in_words(error)}"
        ) from error


def share_of(source: Document, everything: list[T], host: int, hosts: int) -> list[T]:
    """What host number `host` of `hosts` gets: all, or its part."""
    return everything[host::hosts] if source.get("S3DataDistributionType") == "ShardedByS3Key" else everything


def objects_of(s3: S3Client, source: Document) -> Iterator[DataObject]:
    """The objects an S3DataSource (S3Prefix or ManifestFile) names, in its order."""
    kinds = {"S3Prefix": _under_prefix, "ManifestFile": _in_manifest}
    return kinds[source["S3DataType"]](s3, source["S3Uri"])


def _under_prefix(s3: S3Client, uri: str) -> Iterator[DataObject]:
    bucket, prefix = split_uri(uri)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            key = item["Key"]
            if not key.endswith("/"):  # the mark of a folder made in the console
                yield DataObject(bucket, key, PurePosixPath(below(key, prefix)))


def below(key: str, prefix: str) -> str:
    """A key's path under the prefix that found it; never empty.

    >>> below("data/train/x/a.csv", "data/train"), below("data/train-2/a.csv", "data/train")
    ('x/a.csv', 'train-2/a.csv')
    """
    folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    return key[len(folder) :] if key.startswith(folder) else key[prefix.rfind("/") + 1 :]


def _in_manifest(s3: S3Client, uri: str) -> Iterator[DataObject]:
    """`[{"prefix": "s3://b/p/"}, "rel1", "rel2"]`."""
    bucket, key = split_uri(uri)
    try:
        first, *names = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        home, prefix = split_uri(first["prefix"])
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f'{uri} is not a manifest like [{{"prefix": "s3://bucket/p/"}}, "a.csv"]') from error
    for name in map(str, names):
        yield DataObject(home, prefix + name, PurePosixPath(name))


def fetch(s3: S3Client, each: DataObject, folder: Path) -> Path:
    """Download one object below `folder`; returns the file. Raises DataError and the errors of S3."""
    for illegal in _ILLEGAL:
        if illegal in f"/{each.key}/":
            raise DataError(
                f"Data download failed:the key '{each.key}' has an illegal char sub-sequence '{illegal}' in it"
            )
    if each.path.is_absolute() or ".." in each.path.parts or not each.path.parts or "\0" in str(each.path):
        raise DataError(f"Data download failed:the key '{each.key}' leaves the folder of its channel")
    target = folder / each.path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder")
        s3.download_file(each.bucket, each.key, str(target), Config=_TRANSFER)
    except OSError as error:
        raise DataError(f"Data download failed:the key '{each.key}': {in_words(error)}") from error
    return target


def nothing_there(uri: str) -> str:
    """AWS's words for an S3Uri without objects."""
    return (
        f'Data download failed:No S3 objects found under S3 URL "{uri}" given in input data source. '
        "Please ensure that the bucket exists in the selected region and that objects exist under the prefix."
    )

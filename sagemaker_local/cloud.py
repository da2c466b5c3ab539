"""Clients of the local AWS (S3, SNS, CloudWatch, Logs): explicit endpoint, its own keys, never a user's profile."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from sagemaker_local.settings import DUMMY, Settings

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient

_CONFIG = Config(
    connect_timeout=3,
    read_timeout=60,
    retries={"mode": "standard", "max_attempts": 4},
    s3={"addressing_style": "path"},
)


class Cloud:
    """The four services the plane uses; clients are made once and are safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._url = settings, settings.store_url

    @cached_property
    def _session(self) -> boto3.Session:
        keys = self._settings.keys or DUMMY
        return boto3.Session(keys.access_key_id, keys.secret_access_key, region_name=self._settings.region)

    @cached_property
    def s3(self) -> S3Client:
        return self._session.client("s3", endpoint_url=self._url, config=_CONFIG)

    @cached_property
    def sns(self) -> SNSClient:
        return self._session.client("sns", endpoint_url=self._url, config=_CONFIG)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        return self._session.client("logs", endpoint_url=self._url, config=_CONFIG)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        return self._session.client("cloudwatch", endpoint_url=self._url, config=_CONFIG)

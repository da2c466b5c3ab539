"""The process backend with the built-in images.yaml, and an S3 beside it."""

from typing import Any

import pytest

from tests.plane.conftest import aws_url
from tests.plane.images.conftest import anyio_backend, backend, container
from tests.plane.support.harness import client

__all__ = ["anyio_backend", "aws_url", "backend", "container"]


@pytest.fixture
def s3(aws_url: str) -> Any:
    """S3 with a bucket for code."""
    s3 = client("s3", aws_url)
    s3.create_bucket(Bucket="code")
    return s3

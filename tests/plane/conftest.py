"""A local AWS for the session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.plane.control.harness import BUCKET, client
from tests.plane.local_aws import local_aws


@pytest.fixture(scope="session")
def aws_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """S3, CloudWatch and Logs: MiniStack on a free port."""
    with local_aws(tmp_path_factory.mktemp("aws")) as url:
        client("s3", url).create_bucket(Bucket=BUCKET)
        yield url


@pytest.fixture
def s3(aws_url: str) -> Any:
    return client("s3", aws_url)

"""The local AWS, and the process of a plane, of tests/plane."""

from tests.plane.conftest import aws_url, process, s3

__all__ = ["aws_url", "process", "s3"]

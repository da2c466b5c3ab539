"""Places in S3 as SageMaker's API writes them: `s3://bucket/key`, or a URL of S3 (the pattern is `(https|s3)://...`)."""

from __future__ import annotations

import re
from urllib.parse import unquote

# Endpoints of S3, "Amazon S3 endpoints and quotas": s3.<region>, s3-<region>, s3.dualstack.<region>, and s3 alone.
_HOST = re.compile(
    r"(?:(?P<bucket>.+)\.)?s3(?:[.-](?:dualstack\.|fips\.)*[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?"
)


class S3UriError(ValueError):
    """The text names no place in S3."""


def split_uri(uri: str) -> tuple[str, str]:
    """`s3://bucket/some/key` -> (`bucket`, `some/key`); in a URL the key is percent-encoded. Raises S3UriError.

    >>> split_uri("https://bucket.s3.eu-west-1.amazonaws.com/a%20b"), split_uri("https://s3.amazonaws.com/bucket/k")
    (('bucket', 'a b'), ('bucket', 'k'))
    """
    scheme, _, rest = uri.partition("://")
    place, _, key = rest.partition("/")
    if scheme == "https":
        place, key = _of_url(place, unquote(key))
    if scheme not in ("s3", "https") or not place:
        raise S3UriError(
            f"'{uri}' is not a place in S3: write s3://bucket/prefix, or https://s3.REGION.amazonaws.com/bucket/prefix"
        )
    return place, key


def _of_url(host: str, path: str) -> tuple[str, str]:
    """Bucket and key of a virtual-hosted or a path-style URL; no bucket where the host is not S3's."""
    found = _HOST.fullmatch(host)
    if found is None:
        return "", ""
    if found["bucket"]:
        return found["bucket"], path
    bucket, _, key = path.partition("/")
    return bucket, key

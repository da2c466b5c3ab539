"""Places in S3, in every form that the API's pattern `(https|s3)://...` takes."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.s3_uri import S3UriError, split_uri

BUCKETS = st.from_regex(r"[a-z0-9][a-z0-9.-]{1,20}[a-z0-9]", fullmatch=True)
KEYS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
HOSTS = (
    "s3.amazonaws.com",
    "s3.eu-west-1.amazonaws.com",
    "s3-us-west-2.amazonaws.com",
    "s3.cn-north-1.amazonaws.com.cn",
    "s3.dualstack.us-east-1.amazonaws.com",
)


@given(BUCKETS, KEYS, st.sampled_from(HOSTS))
def test_all_forms_name_the_same_place(bucket: str, key: str, host: str) -> None:
    assert split_uri(f"s3://{bucket}/{key}") == (bucket, key)
    assert split_uri(f"https://{host}/{bucket}/{quote(key)}") == (bucket, key)
    assert split_uri(f"https://{bucket}.{host}/{quote(key)}") == (bucket, key)


@pytest.mark.parametrize(
    "uri",
    [
        *("https://example.com/b/k", "https://s3.amazonaws.com", "https://s3.amazonaws.com/"),
        *("http://s3.amazonaws.com/b/k", "s3:///k", "b/k", "https://s3.amazonaws.com.example.com/b/k"),
    ],
)
def test_what_is_no_place_in_s3_is_refused(uri: str) -> None:
    with pytest.raises(S3UriError, match="not a place in S3"):
        split_uri(uri)

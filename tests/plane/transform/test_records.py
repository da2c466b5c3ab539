"""Objects become payloads: nothing is lost, nothing is moved, no payload is too large."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.transform.records import RecordError, payloads

LINES = st.lists(st.binary(min_size=1, max_size=20).filter(lambda line: not set(line) & set(b"\r\n")))


def record_io(records: list[bytes]) -> bytes:
    frames = [struct.pack("<II", 0xCED7230A, len(each)) + each + b"\0" * (-len(each) % 4) for each in records]
    return b"".join(frames)


def tf_record(records: list[bytes]) -> bytes:
    return b"".join(struct.pack("<QI", len(each), 1) + each + struct.pack("<I", 2) for each in records)


def lines(records: list[bytes]) -> bytes:
    return b"".join(each + b"\n" for each in records)


FORMATS = {"Line": lines, "RecordIO": record_io, "TFRecord": tf_record}


@pytest.mark.parametrize("split_type", FORMATS)
@given(records=LINES, limit=st.integers(min_value=40, max_value=200))
def test_payloads_are_the_object_in_order_and_within_the_limit(
    split_type: str, records: list[bytes], limit: int
) -> None:
    content = FORMATS[split_type](records)
    found = list(payloads(io.BytesIO(content), split_type, is_multi_record=True, limit=limit))
    assert b"".join(b"".join(each) for each in found) == content
    assert all(sum(map(len, each)) <= limit for each in found)
    assert sum(map(len, found)) == len(records)
    sizes = [sum(map(len, each)) for each in found]
    assert all(size + len(after[0]) > limit for size, after in zip(sizes, found[1:], strict=False))


@pytest.mark.parametrize("split_type", FORMATS)
@given(records=LINES)
def test_single_records_come_without_their_frames(split_type: str, records: list[bytes]) -> None:
    content = FORMATS[split_type](records)
    found = list(payloads(io.BytesIO(content), split_type, is_multi_record=False, limit=None))
    assert found == [[each] for each in records]


@pytest.mark.parametrize("split_type", ["RecordIO", "TFRecord"])
def test_an_object_that_ends_in_a_record_is_refused(split_type: str) -> None:
    content = FORMATS[split_type]([b"abcdefgh"])
    for cut in (3, 10, len(content) - 1):
        with pytest.raises(RecordError, match="middle of a record"):
            list(payloads(io.BytesIO(content[:cut]), split_type, is_multi_record=True, limit=None))


def test_an_object_that_is_no_record_io_is_refused() -> None:
    with pytest.raises(RecordError, match="magic"):
        list(payloads(io.BytesIO(b"1,2,3,4,5"), "RecordIO", is_multi_record=True, limit=None))


@pytest.mark.parametrize("split_type", ["None", *FORMATS])
def test_a_record_beyond_the_limit_is_refused(split_type: str) -> None:
    content = FORMATS.get(split_type, lines)([b"x" * 100])
    with pytest.raises(RecordError, match="larger than MaxPayloadInMB"):
        list(payloads(io.BytesIO(content), split_type, is_multi_record=True, limit=50))

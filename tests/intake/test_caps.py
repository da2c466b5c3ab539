"""What no table looks like is refused while it streams: soon, and without holding it in memory."""

import time
import tracemalloc
from collections.abc import Iterator

import pytest

from switchyard.core.errors import InvalidDatasetError
from switchyard.engine.table_files import EngineForms
from switchyard.intake.reading import Reading
from switchyard.intake.rules.inspection import Inspection

MIB = 1024**2


def pieces(head: bytes, piece: bytes, mebibytes: int = 64) -> Iterator[bytes]:
    yield head
    for _ in range(mebibytes):
        yield piece * (MIB // len(piece))


@pytest.mark.parametrize(
    ("head", "piece", "says"),
    [
        (b"y,a", b",", "a line has over 4194304 characters"),
        (b"y,a\n0,1\n", b"1", "a line has over 4194304 characters"),
        (b"y,a\n0,1\n", b",", "a line has over 4194304 characters"),
        (b'y,a\n0,"', b"1\n", "a field has over 131072 characters"),
    ],
)
def test_a_file_that_is_no_table_is_refused_soon(head: bytes, piece: bytes, says: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(InvalidDatasetError, match=says):
        Inspection("y").read("w.csv", Reading("w.csv", pieces(head, piece), EngineForms()).lines())
    assert time.process_time() - began < 5
    assert tracemalloc.get_traced_memory()[1] < 300 * MIB
    tracemalloc.stop()


def test_too_many_columns_are_counted() -> None:
    lines = Reading("w.csv", iter([b"y" + b",a" * 20_000 + b"\n"]), EngineForms()).lines()
    with pytest.raises(InvalidDatasetError, match="20001 columns; at most 16384 are read"):
        Inspection("y").read("w.csv", lines)

"""Rows that wait in memory, and on disk where there is no room, come back as they were."""

import io

from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.data.packed.packed_rows import DIGEST, PackedRow, packed_rows
from switchyard.training.located_rows import Batch
from switchyard.training.spooled_rows import SpooledRows

DIGESTS = st.binary(min_size=DIGEST, max_size=DIGEST)
ROWS = st.lists(
    st.builds(PackedRow, DIGESTS, st.integers(0, 2**32 - 1), st.binary(max_size=9)), min_size=1, max_size=9
)


def batches_of(parts: list[list[PackedRow]]) -> list[Batch]:
    return [Batch(f"w-{at}.csv", 2 + at, packed_rows(rows)) for at, rows in enumerate(parts)]


@given(st.lists(ROWS, max_size=4), st.integers(0, 600))
def test_all_batches_come_again_in_their_order(parts: list[list[PackedRow]], room: int) -> None:
    batches = batches_of(parts)
    spool = SpooledRows(io.BytesIO(), room)
    assert list(spool.keep(batches)) == batches
    assert list(spool.again()) == list(spool.again()) == batches


def test_what_has_no_room_in_memory_lies_on_disk_and_all_that_is_behind_it() -> None:
    row = PackedRow(b"d" * DIGEST, 0, b"1,2\n")
    small, large = [row], [row] * 9
    each = DIGEST + 4 + 4 + len(row.line)
    file = io.BytesIO()
    spool = SpooledRows(file, room=2 * each)
    for batch, written in zip(spool.keep(batches_of([small, large, small])), (0, 9, 10), strict=True):
        assert file.tell() == written * each, batch

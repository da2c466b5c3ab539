"""Rows that wait on disk come back as they were."""

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


@given(st.lists(ROWS, max_size=4))
def test_all_batches_come_again_in_their_order(parts: list[list[PackedRow]]) -> None:
    batches = [Batch(f"w-{at}.csv", 2 + at, packed_rows(rows)) for at, rows in enumerate(parts)]
    spool = SpooledRows(io.BytesIO())
    assert list(spool.keep(batches)) == batches
    assert list(spool.again()) == batches

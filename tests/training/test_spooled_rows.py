"""Rows that wait on disk come back as they were."""

import io

from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.data.identity import row_identity
from switchyard.core.data.packed.packed_rows import texts_of
from switchyard.training.located_rows import Batch
from switchyard.training.spooled_rows import SpooledRows

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\n\0"), max_size=8)
ROWS = st.lists(
    st.tuples(st.floats(width=32, allow_nan=False), WORDS, st.binary(max_size=9)), min_size=1, max_size=9
)


@given(st.lists(ROWS, max_size=4))
def test_all_batches_come_again_in_their_order(parts: list[list[tuple[float, str, bytes]]]) -> None:
    batches = []
    for at, rows in enumerate(parts):
        labels, targets, features = map(list, zip(*rows, strict=True))
        identities = [row_identity([label]) for label in labels]
        batches.append(Batch(f"w-{at}.csv", 2 + at, identities, labels, targets, texts_of(features)))
    spool = SpooledRows(io.BytesIO())
    assert list(spool.keep(batches)) == batches
    assert list(spool.again()) == batches

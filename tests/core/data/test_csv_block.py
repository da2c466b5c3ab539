"""A block that is taken leaves nothing open: the csv module reads so many rows of that width in it."""

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from switchyard.core.data.csv_block import Block

FIELDS = st.sampled_from(
    ["a", "", "1", '"a"', '""', '"a,b"', '"a""b"', '""""', '"a\nb"', 'a"b', 'a""b', '"a"b', '"']
)


@given(
    st.lists(st.lists(FIELDS, min_size=2, max_size=2), min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=300)
@example([['a""b', "1"]], "\n")
@example([['"say ""x"""', '""']], "\n")
def test_what_is_taken_is_read_alike(rows: list[list[str]], end: str) -> None:
    text = "".join(",".join(row) + end for row in rows)
    rows_found = Block(text.encode(), 2).rows
    if rows_found is None:
        return
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [len(row) for row in found] == [2] * rows_found


@pytest.mark.parametrize(
    "text",
    ['a""b,1\n', '"a"b,1\n', 'a"b",1\n', '"a,1\n', '1,"a"" \n', '"a","b"x\n', 'x"a","b"\n', '1,2\n"a" ,2\n'],
)
def test_a_quote_within_a_field_is_left_to_the_rules(text: str) -> None:
    assert Block(text.encode(), 2).rows is None


@pytest.mark.parametrize(
    "text", ['"a""b",1\n', '"""a""",1\n', '"","a"\n', '1,"a"\r\n"b",2\r\n', '"a\nb",1\n']
)
def test_quotes_around_whole_fields_are_a_block(text: str) -> None:
    assert Block(text.encode(), 2).rows is not None

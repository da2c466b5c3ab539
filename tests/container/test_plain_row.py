"""A row that is read in few calls: it has the values that the way of many rows gives it, or is left to that way."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.features.books import CodeBook
from container.features.contract import Feature
from container.features.encoder import Encoder
from container.features.plain_row import PlainRow
from container.features.typed_csv import split_rows
from container.numeric_csv import parse_fields

BOOKS = {"category": CodeBook(["x", "y", "\u00e9"])}
SPELT = {
    "number": ["1", "-2.5e3", "", " 7", ".5", "nan", "1e39", "true", "null", "[1", "2]", "{}", "3\t", "4\r"],
    "category": ["x", " y ", "", "z", "\u00e9", "e\u0301", "x\r", '"x"', "x\r\n1", "null"],
    "boolean": ["1", "0", "", "1.0", "2", "false", "0.99999999999", "1]", "null", "nan"],
    "date": ["2026-11-29", "", " ", "soon", "2026-11-29T06:30:00Z", "2026-11-29\r"],
    "text": ["", "a b", "B, b", "\u00e9 x", "!"],
}
TABLES = [
    ["number", "number", "boolean", "category"],  # as the columns of the model stand
    ["boolean", "text", "number", "category", "date", "boolean", "number"],
    ["boolean", "number"],
    ["category"],
]
ENDS = st.sampled_from(["", "\n", "\r\n", "\n\n", ",1", "\n1"])


def readers(kinds: Sequence[str]) -> tuple[PlainRow, Encoder]:
    features = [Feature(kind, kind) for kind in kinds]
    encoder = Encoder(features, BOOKS)
    return PlainRow(features, BOOKS, encoder.width), encoder


@pytest.mark.parametrize("kinds", TABLES, ids=len)
@given(st.data())
def test_values_are_bit_for_bit_those_of_the_way_of_many_rows(kinds, data) -> None:
    plain, encoder = readers(kinds)
    row = [data.draw(st.sampled_from(SPELT[kind])) for kind in kinds]
    body = (",".join(row) + data.draw(ENDS)).encode()
    found = plain.read(body)
    if found is not None:
        assert found.values.tobytes() == encoder.encode(split_rows(body), parse_fields).values.tobytes()


PLAIN, ENCODER = readers(["number", "category", "boolean", "date"])


@pytest.mark.parametrize(
    "text",
    ["1,x,0,", "-2.5e3, y ,1,2026-11-29\n", "7,unknown,,2026-11-29T06:30:00Z", "0,e\u0301,1,", "0,,1,"],
)
def test_a_plain_row_is_read(text: str) -> None:
    expected = ENCODER.encode(split_rows(text.encode()), parse_fields)
    found = PLAIN.read(text.encode())
    assert found is not None
    assert (found.values.tobytes(), found.width) == (expected.values.tobytes(), expected.width)


@pytest.mark.parametrize(
    "body",
    [
        b"1,x,0", b"1,x,0,,", b",x,0,", b".5,x,0,", b"1e39,x,0,", b"1,x,2,", b"1,x,true,", b"true,x,0,", b"null,x,0,",
        b"1,x,0,soon", b"1,x,0,\n1,x,0,", b"1,x,0,\r\n", b'1,"x",0,', b"1,\xff,0,", b"1,x,0,\xff", b"\xff,x,0,", b"\n",
    ],
)  # fmt: skip
def test_what_is_not_plain_or_wrong_is_left(body: bytes) -> None:
    assert PLAIN.read(body) is None


def test_of_two_faults_of_a_row_the_same_is_told_as_in_a_batch(typed) -> None:
    """A number that is too large is told before a date that is none, as all numbers are read first."""
    row = "1e39,admin.,1,soon,,"
    alone, batch = typed.server.invoke(row), typed.server.invoke(f"{row}\n{row}")
    assert alone.text == batch.text
    assert "row 1, field 1: the number is too large" in alone.text

"""The CSV reader against an obvious one: the csv module, one float() a field."""

import csv
import math
from array import array

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from container.numeric_csv import RowError, parse_rows

FLOAT32_LIMIT = 3.4028235e38
numbers = st.one_of(
    st.integers(-(10**12), 10**12).map(str),
    st.floats(-FLOAT32_LIMIT, FLOAT32_LIMIT).map(repr),
    st.floats(-1e6, 1e6).map(lambda value: f"{value:.3f}"),
    st.sampled_from(
        ["", "nan", "NaN", ".5", "1.", "+1", "-0", "007", "1e5", "1E-50", " 7 ", "\t2", "9" * 30]
    ),
)
mess = st.text(alphabet='0123456789.,-+eEnaif"_x \t\r\n', max_size=40)


def obvious(text: str, width: int) -> list[list[float]] | None:
    """Rows as Python's csv module and float() see them; None when anything is wrong."""
    text = text.replace("\r\n", "\n").removesuffix("\n")
    lines = text.split("\n")
    if any(odd in text.lower() for odd in ('"', "_", "\r", "+nan", "-nan")) or not all(map(str.strip, lines)):
        return None
    try:
        table = [[float(field.strip(" \t") or "nan") for field in row] for row in csv.reader(lines)]
    except ValueError:
        return None
    return table if all(map(sound, table)) and {len(row) for row in table} == {width} else None


def sound(row: list[float]) -> bool:
    return all(not abs(value) > FLOAT32_LIMIT * 1.0000000001 for value in row)


def as_bits(rows: list[list[float]]) -> list[float | str]:
    return ["nan" if math.isnan(value) else value for row in rows for value in array("f", row)]


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=1)
    )
)
def test_good_rows_are_read_like_the_obvious_reader_reads_them(fields: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in fields)
    expected = obvious(text, len(fields[0]))
    assert expected is not None
    rows = parse_rows(text.encode(), len(fields[0]))
    assert len(rows) == len(fields)
    assert as_bits([list(rows.values)]) == as_bits(expected)


def read(body: bytes, width: int) -> list[float | str] | RowError:
    try:
        return as_bits([list(parse_rows(body, width).values)])
    except RowError as error:
        return error


@given(mess, st.integers(1, 4))
@example("", 1)
@example("\n1", 1)
@example("1,2\n3", 2)
@example("\r1", 1)
@example(",\n\n", 2)
def test_whatever_arrives_is_read_alike_or_refused_alike(text: str, width: int) -> None:
    expected, found = obvious(text, width), read(text.encode(), width)
    if expected is None:
        assert isinstance(found, RowError)
        assert 1 <= found.row <= text.count("\n") + 1
    else:
        assert found == as_bits(expected)


@given(st.binary(max_size=60))
def test_bytes_of_any_kind_are_read_or_refused(body: bytes) -> None:
    found = read(body, 2)
    assert isinstance(found, RowError) or len(found) % 2 == 0


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_endings_and_a_last_one_more_or_less_change_nothing(ending: str) -> None:
    text = ending.join(["1,2", "3,4"])
    assert parse_rows(text.encode()) == parse_rows((text + ending).encode()) == parse_rows(b"1,2\n3,4")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n3", "row 2: 1 fields found, 2 expected"),
        ("1,2\n3,4,5", "row 2: 3 fields found, 2 expected"),
        ("1,2\n3\n4,5,6", "row 2: 1 fields found, 2 expected"),  # as many values as two whole rows more
        ("1,2\n\n3,4", "row 2: the row is empty"),
        ("1,2\n3,4\n\n", "row 3: the row is empty"),
        ("", "row 1: the row is empty"),
        ("1,2\n3,x", "row 2, field 2: not a number"),
        ("a,b\n1,2", "row 1, field 1: not a number"),
        ("1,true", "row 1, field 2: not a number"),
        ("false,1\n2,3", "row 1, field 1: not a number"),
        ("1],[2", "row 1, field 1: not a number"),
        ("1\r,2", "row 1, field 1: not a number"),
        ("1,null", "row 1, field 2: not a number"),
        ("1,[2]", "row 1, field 2: not a number"),
        ("1,1_000", "row 1, field 2: not a number"),
        ('1,"2"', "row 1, field 2: not a number"),
        ("1,inf", "row 1, field 2: not a number"),
        ("1,1e39", "row 1, field 2: the number is too large for 32-bit floating point"),
        ("-1e999,1", "row 1, field 1: the number is too large for 32-bit floating point"),
        ("1," + "9" * 400, "row 1, field 2: the number is too large for 32-bit floating point"),
    ],
)
def test_a_faulty_row_is_named(text: str, message: str) -> None:
    with pytest.raises(RowError) as caught:
        parse_rows(text.encode(), 2)
    assert str(caught.value) == message


def test_an_error_never_repeats_what_the_field_said() -> None:
    with pytest.raises(RowError) as caught:
        parse_rows(b"1,alice@example.org", 2)
    assert "alice" not in str(caught.value)


def test_without_a_width_the_first_row_decides() -> None:
    assert parse_rows(b"1,2,3\n4,5,6").width == 3
    with pytest.raises(RowError, match="row 2: 2 fields found, 3 expected"):
        parse_rows(b"1,2,3\n4,5")

"""One grammar of numbers: the door, batch drops and the training image take the same texts for the same values."""

import re
from math import inf, isnan

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from container.numeric_csv import RowError, parse_rows
from switchyard.core.data.dialect import read_dialect
from switchyard.core.data.numbers import (
    FLOAT32_MAX,
    fault,
    is_meant_as_number,
    is_missing,
    plain,
    plain_row,
    read_number,
    read_numbers,
)


@pytest.mark.parametrize(
    "text",
    ["1_000", "\uff11\uff12", "\u0663", "1\n", "\n1", "1\x0b", "\u00a01", "1\u2003", "inf", "-inf", "Infinity",
     "-nan", "+nan", "1e39", "-3.5e38", "1e400", "1,5", "1 000", "0x10", "1e", "e5", "+", ".", "--1", "1d5", "½",
     "²",],
)  # fmt: skip
def test_what_programs_read_differently_is_refused(text: str) -> None:
    assert read_number(text) is None
    assert read_numbers(["1", text, "2"]) == 1


@pytest.mark.parametrize("text", ["", " ", "nan", "NaN", "\tNAN ", "NA", "null", "None", "?", "N/A", "<NA>"])
def test_a_missing_value_is_written_in_a_few_ways(text: str) -> None:
    assert is_missing(text)
    value = read_number(text)
    assert value is not None
    assert isnan(value)


@pytest.mark.parametrize(
    ("text", "value"), [("True", 1), ("false", 0), ("YES", 1), (" no ", 0), ("tRUE", 1), ("1", 1), ("0", 0)]
)
def test_yes_and_no_are_one_and_nought(text: str, value: float) -> None:
    assert read_number(text) == value


def by_container(text: str) -> float | None:
    try:
        [value] = parse_rows(f"{text},1".encode(), 2).values[:1]
    except RowError:
        return None
    return value


@given(
    st.text(alphabet="0123456789+-.eE_ \t\u0661naif", max_size=8)
    | st.floats().map(repr)
    | st.integers().map(str)
)
@example(repr(FLOAT32_MAX))
@example("3.4028235677973366e38")
@example("1e-46")
def test_the_container_reads_the_same(text: str) -> None:
    """Whatever the door takes the container takes, and for the same 32-bit number."""
    ours, theirs = read_number(text), by_container(plain(text))
    assert (ours is None) == (theirs is None)
    assert plain_row([text]) == [plain(text)] or text == plain(text)
    if ours is not None and theirs is not None:
        assert isnan(ours) == isnan(theirs)
        assert isnan(ours) or abs(theirs) < inf


@given(st.lists(st.text(alphabet="0123456789+-.eE_ \t\n\u00a0nainf", max_size=6), min_size=1, max_size=4))
def test_a_whole_row_is_read_as_its_fields(fields: list[str]) -> None:
    single = [read_number(text) for text in fields]
    row = read_numbers(fields)
    if None in single:
        assert row == single.index(None)
    else:
        assert [str(value) for value in row] == [str(value) for value in single]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,000", "separated thousands; write 1234.5"),
        ("1'000.5", "separated thousands; write 1234.5"),
        ("1,5", "a decimal comma; write 1234.5"),
        ("5%", "a percentage; write 0.05 for 5 %"),
        ("2024-01-31", "a date"),
        ("31.12.2024 23:59", "a date"),
        ("1_000", "digits joined by `_`; write 1234.5"),
        ("٣", "its digits are not 0 to 9"),
        ("1\n", "a line feed in the field"),
        ("inf", "an infinite value"),
        ("$5", "an amount with its currency; write 1234.5, and the currency in a column"),
        ("-$ 1,234.50", "an amount with its currency"),
        ("1.234,50\u00a0€", "an amount with its currency"),
        ("R$ 5", "an amount with its currency"),
        ("5 EUR", "an amount with its currency"),
        ("\u221212,5 %", "a percentage; write 0.05 for 5 %"),
        ("(1,234)", "a negative number in parentheses; write -1234.5"),
        ("\u22125", "a dash that is no minus sign"),
        ("5-", "its minus sign behind it"),
        ("12.5 km", "a number with its unit; write the number alone"),
        ("20°C", "a number with its unit"),
        ("12:30", "a time of day"),
        ("3/4", "a fraction"),
        ("<5", "a bound"),
        ("10-19", "a range"),
        ("#REF!", "a word for a missing value"),
        ("1e39", "too large for 32-bit floating point"),
        ("admin.", "it is text"),
        ("missing", "a word for a missing value; leave the field empty"),
        ("on", "a boolean; write 1 and 0, or yes and no"),
        ("\u00a0", "white space alone"),
    ],
)
def test_what_was_found_is_told_with_the_fix_and_never_the_value(text: str, says: str) -> None:
    assert says in fault(text)
    assert text in ("missing", "on", "\u00a0", "5%", "1\n", "inf") or text not in fault(text)


DECLARED = re.compile(r"`data: (\{.*\})`")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", "1234"),
        ("1,234,567.8", "1234567.8"),
        ("1'234.5", "1234.5"),
        ("1\u2019234", "1234"),
        ("1 234 567,8", "1234567.8"),
        ("1\u00a0234,5", "1234.5"),
        ("1\u202f234", "1234"),
        ("1\u2009234", "1234"),
        ("1.234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("-12.345.678,9", "-12345678.9"),
        ("0,5", "0.5"),
        (",5", ".5"),
    ],
)
def test_what_it_says_to_declare_reads_the_field(text: str, number: str) -> None:
    found = DECLARED.search(fault(text))
    assert found
    assert read_dialect(yaml.safe_load(found[1])).respelled(text) == number


@pytest.mark.parametrize(
    "text", ["admin.", "Z1234", "item 12", "2nd street", "1 item", "10-19", "5 kg", "B-12", "A (5)"]
)
def test_words_with_numbers_in_them_are_words(text: str) -> None:
    assert not is_meant_as_number(text)

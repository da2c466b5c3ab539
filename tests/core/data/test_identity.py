"""A row is its values: every spelling of them is the same row, and other values are another."""

import struct
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.data.identity import identities, row_identity
from switchyard.core.data.numbers import read_numbers

LABEL = struct.pack("<f", 1.0)
floats = st.floats(width=32, allow_nan=False, allow_infinity=False)


def identity(*fields: str) -> bytes:
    values = read_numbers(fields)
    assert not isinstance(values, int), fields
    return row_identity(values)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("37", ["37.0", "3.7e1", "+37", " 37", "37 ", "\t37", "037", "370e-1", "37.", "3.7E+01"]),
        ("0.5", [".5", "0.50", "5e-1", "+.5"]),
        ("0", ["-0", "0.0", "-0.0", "+0", "0e7", "00", "-.0"]),
        ("", ["nan", "NaN", " ", "NAN", "NA", "null", "None", "?"]),
        ("1", ["true", "YES", "1.0"]),
        ("0.1", ["0.10000000149011612", "0.1000000000000001"]),  # what 32 bits cannot tell apart
    ],
)
def test_one_value_in_every_spelling_is_one_row(text: str, same: list[str]) -> None:
    assert {identity("1", each, "0") for each in [text, *same]} == {identity("1", text, "0")}


@given(value=floats)
def test_a_number_rewritten_by_any_program_is_the_same(value: float) -> None:
    spellings = {repr(value), f"{value:.17g}", f"{value:+.9e}", f"{value:.9g}"}
    assert {identity(each) for each in spellings} == {row_identity([value])}


@given(first=st.lists(floats, min_size=1, max_size=4), second=st.lists(floats, min_size=1, max_size=4))
def test_other_values_are_another_row(first: list[float], second: list[float]) -> None:
    same = [struct.pack("f", each + 0.0) for each in first] == [
        struct.pack("f", each + 0.0) for each in second
    ]
    assert (row_identity(first) == row_identity(second)) == same


def test_a_row_is_told_from_another_whatever_its_values_are() -> None:
    assert identity("1", "23") != identity("12", "3")
    assert identity("1", "") != identity("", "1")
    assert identity("") != identity("0")
    assert row_identity([nan]) == row_identity([-nan])


NO_NUMERALS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Nd"]), max_size=3)
WORDS = st.lists(NO_NUMERALS, min_size=2, max_size=2)


@given(first=WORDS, second=WORDS)
def test_other_words_are_another_row(first: list[str], second: list[str]) -> None:
    assert (row_identity([1.0, *first, 0.0]) == row_identity([1.0, *second, 0.0])) == (first == second)


def test_words_are_told_apart_where_one_ends() -> None:
    rows = [["ab", "c"], ["a", "bc"], ["abc", ""], ["", "abc"], ["a\n", "bc"]]
    assert len({row_identity([*words, 1.0]) for words in rows}) == len(rows)


NUMERALS = [
    ["3", "3.0", "03", "+3", "3.", "3.00", "0003"],
    ["0", "-0", "0.0", "00", ".0", "+0", "-0.00"],
    ["1234", "01234", "1234.0"],
    ["0.5", ".5", "0.50", "+.5"],
    ["-7", "-7.0", "-07"],
    ["12345678901234567890", "12345678901234567890.0", "012345678901234567890"],
]
OTHERS = [
    "3.1",
    "30",
    "300",
    "-3",
    "1.2.3",
    "1e5",
    "3 0",
    "A3",
    "3A",
    "3-",
    ".",
    "-",
    "+",
    "",
    "2026-01-02",
    "12345678901234567891",
]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_word_that_is_a_numeral_is_the_same_however_it_is_written(place: int) -> None:
    """As a program writes a column of codes that it has read as numbers."""

    def of(word: str) -> set[bytes]:
        words = ["red", "blue"]
        words.insert(place, word)
        return {row_identity([*words, 1.0]), identities([LABEL], ["\0".join(words).encode()])}

    for spellings in NUMERALS:
        assert len(set.union(*map(of, spellings))) == 1
    told_apart = [*(each[0] for each in NUMERALS), *OTHERS]
    assert len(set.union(*map(of, told_apart))) == len(told_apart)


@given(st.lists(st.lists(st.text("0.+-a1", max_size=5), min_size=3, max_size=3), max_size=20))
def test_many_rows_at_once_have_the_identities_of_each(rows: list[list[str]]) -> None:
    packed = ["\0".join(words).encode() for words in rows]
    each = [row_identity([*words, 1.0]) for words in rows]
    assert identities([LABEL] * len(rows), packed) == b"".join(each)


def test_a_line_feed_in_a_word_parts_no_row() -> None:
    assert len(identities([LABEL] * 2, [b"a\nb", b"03"])) == len(row_identity([1.0])) * 2

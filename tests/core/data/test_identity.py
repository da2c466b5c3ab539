"""A row is its values: every spelling of them is the same row, and other values are another."""

import struct
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.data.identity import row_identity
from switchyard.core.data.numbers import read_numbers

floats = st.floats(width=32, allow_nan=False, allow_infinity=False)


def identity(*fields: str) -> str:
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


WORDS = st.lists(st.text(st.characters(exclude_characters="\0"), max_size=3), min_size=2, max_size=2)


@given(first=WORDS, second=WORDS)
def test_other_words_are_another_row(first: list[str], second: list[str]) -> None:
    assert (row_identity([1.0, *first, 0.0]) == row_identity([1.0, *second, 0.0])) == (first == second)


def test_words_are_told_apart_where_one_ends() -> None:
    rows = [["ab", "c"], ["a", "bc"], ["abc", ""], ["", "abc"], ["a\n", "bc"]]
    assert len({row_identity([*words, 1.0]) for words in rows}) == len(rows)

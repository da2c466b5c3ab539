"""The kinds of columns: what texts become in numbers, which stays so for every model that was ever made."""

import csv
import io
from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.features.books import CodeBook, LearningBook
from container.features.contract import Contract, Feature
from container.features.dates import date_parts
from container.features.encoder import Encoder
from container.features.encoding import Encoding
from container.features.typed_csv import split_rows
from container.features.words import WORD_COLUMNS, word_counts
from container.numeric_csv import FieldError, RowError, parse_fields, parse_rows
from container.serving.typed import TypedReader

fields = st.text(st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"]), max_size=6)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1970-01-01", (0, 1970, 1, 1, 3, 0)),
        ("2026-11-29T06:30:00Z", (20786 + 6.5 / 24, 2026, 11, 29, 6, 6.5)),
        ("2026-11-29T00:30:00+02:00", (20785 + 22.5 / 24, 2026, 11, 28, 5, 22.5)),
        ("1969-12-31T12:00:00", (-0.5, 1969, 12, 31, 2, 12)),
    ],
)
def test_a_date_becomes_days_and_the_parts_that_repeat(text: str, parts: tuple[float, ...]) -> None:
    assert date_parts(text) == pytest.approx(parts)


@pytest.mark.parametrize("text", ["soon", "31.01.2020", "2020-13-01", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a date of ISO 8601, as 2026-11-29"):
        date_parts(text)


def test_words_keep_their_columns_for_ever() -> None:
    counts = word_counts("Refund, refund! Études 2x")
    found = {column: count for column, count in enumerate(counts) if count}
    assert found == {24: 2, 0: 1, 55: 1}
    assert word_counts("e\u0301tudes") == word_counts("\u00c9TUDES")


def test_no_text_is_missing_and_a_text_without_words_is_none() -> None:
    assert all(map(isnan, word_counts("")))
    assert all(map(isnan, date_parts(" ")))
    assert list(word_counts("!?")) == [0] * WORD_COLUMNS


def test_learned_codes_are_found_again() -> None:
    learned = LearningBook()
    assert [learned[text] for text in ("b", " a", "b ", "a")] == [0, 1, 0, 1]
    assert isnan(learned[""])
    assert isnan(learned["x" * 1025])
    book = CodeBook(learned.categories)
    assert [book[text] for text in ("b", "a", " a ")] == [0, 1, 1]
    assert isnan(book["c"])
    assert "c" not in book


def test_numbers_come_first_then_categories_then_the_parts() -> None:
    kinds = ["category", "date", "number", "text", "boolean"]
    encoder = Encoder([Feature(kind, kind) for kind in kinds], {"category": CodeBook(["x", "y"])})
    rows = encoder.encode([["y", "1970-01-02", "2.5", "", "1"]], parse_fields)
    assert rows.width == encoder.width == len(rows.values) == 3 + 6 + WORD_COLUMNS
    assert list(rows.values[:9]) == [2.5, 1, 1, 1, 1970, 1, 2, 4, 0]
    assert list(encoder.category_columns) == [2]


@given(st.lists(st.lists(fields, min_size=2, max_size=4), min_size=1, max_size=5))
def test_rows_are_split_as_they_were_written(rows: list[list[str]]) -> None:
    """But for blanks before a field, which are no part of any value: a quote may stand behind them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    assert without_blanks(split_rows(text.getvalue().encode())) == without_blanks(rows)


def without_blanks(rows: list[list[str]]) -> list[list[str]]:
    return [[field.lstrip(" ") for field in row] for row in rows]


@given(st.text(alphabet="0123456789.-+eEna_ \t", max_size=8))
def test_a_field_alone_is_read_as_in_its_row(field: str) -> None:
    assert alone(field) == in_its_row(field)


def alone(field: str) -> bytes | str:
    try:
        return parse_fields([field]).tobytes()
    except FieldError as error:
        return error.reason


def in_its_row(field: str) -> bytes | str:
    try:
        return parse_rows(f"{field},1".encode(), 2).values[:1].tobytes()
    except RowError as error:
        return error.reason


def test_a_bad_field_is_told_by_its_index() -> None:
    with pytest.raises(FieldError) as refused:
        parse_fields(["1", "", "x"])
    assert (refused.value.index, refused.value.reason) == (2, "not a number")


@pytest.mark.parametrize(
    ("categories", "value", "code"),
    [
        (["3.0", "4.0"], 3, 0.0),
        (["3.0", "4.0"], 4.0, 1.0),
        (["3", "4"], 4.0, 1.0),
        (["3", "3.0"], 3, 0.0),
        (["True", "unknown"], True, 0.0),
        (["TRUE", "false"], False, 1.0),
        (["2.5"], 2.5, 0.0),
        (["3.0"], 2**53, nan),
    ],
)
def test_a_number_or_a_boolean_of_json_is_the_category_that_the_model_learned(
    categories: list[str], value: object, code: float
) -> None:
    features = [Feature("floor", "category")]
    contract = Contract("binary", ("no", "yes"), tuple(features))
    [found] = TypedReader(Encoding(contract, {"floor": categories})).instances([[value]]).values
    assert found == code or (isnan(found) and isnan(code))

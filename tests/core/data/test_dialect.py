"""What is declared of a file is put into the one way in which values are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.data.dates import read_date
from switchyard.core.data.dialect import Dialect, read_dialect
from switchyard.core.data.numbers import read_number

GERMAN = Dialect(decimal=",", thousands=".", dates="day-first", missing=("unbekannt", "-999"))
AMERICAN = Dialect(thousands=",", dates="month-first")


@pytest.mark.parametrize(
    ("dialect", "written", "read"),
    [
        (GERMAN, "1.234.567,5", "1234567.5"),
        (GERMAN, "-1.234", "-1234"),
        (GERMAN, "12,5e-3", "12.5e-3"),
        (GERMAN, "1.23", "1.23"),
        (GERMAN, " Unbekannt ", ""),
        (GERMAN, "-999", ""),
        (GERMAN, "29.11.2026", "2026-11-29"),
        (GERMAN, "9.1.2026 7:05", "2026-01-09T07:05"),
        (GERMAN, "29/11/2026T23:59:58.25", "2026-11-29T23:59:58.25"),
        (GERMAN, "29.11/2026", "29.11/2026"),
        (GERMAN, "a word, with a comma", "a word, with a comma"),
        (AMERICAN, "12,345.67", "12345.67"),
        (AMERICAN, "1,23", "1,23"),
        (AMERICAN, "11/29/2026 12:05 AM", "2026-11-29T00:05"),
        (AMERICAN, "11/29/2026, 1:05:09 p.m.", "2026-11-29T13:05:09"),
        (AMERICAN, "11/29/2026 13:05 PM", "11/29/2026 13:05 PM"),
        (AMERICAN, "2026-11-29", "2026-11-29"),
        (Dialect(thousands=" "), "12 345.5", "12345.5"),
        (Dialect(thousands="'"), "12'345", "12345"),
        (Dialect(decimal=","), "0,5", "0.5"),
    ],
)
def test_a_field_is_respelled(dialect: Dialect, written: str, read: str) -> None:
    assert dialect.respelled(written) == read


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_a_number_is_the_same_in_every_dialect(whole: int, cents: int) -> None:
    text = f"{whole:,}.{cents:02d}"
    german = text.replace(",", "_").replace(".", ",").replace("_", ".")
    assert (
        read_number(GERMAN.respelled(german))
        == read_number(AMERICAN.respelled(text))
        == float(text.replace(",", ""))
    )


@given(st.dates())
def test_a_date_is_the_same_in_every_dialect(day: object) -> None:
    written = f"{day:%d.%m.}{day.year:04d}", f"{day:%m/%d/}{day.year:04d}"  # type: ignore[attr-defined]
    assert read_date(GERMAN.respelled(written[0])) == read_date(AMERICAN.respelled(written[1])) == str(day)


@given(st.text(max_size=20))
def test_respelling_twice_is_respelling_once(text: str) -> None:
    for dialect in (AMERICAN, Dialect(dates="day-first", missing=("x",))):
        assert dialect.respelled(dialect.respelled(text)) == dialect.respelled(text)


@pytest.mark.parametrize("dialect", [Dialect(), GERMAN, AMERICAN, Dialect(separator=";", encoding="koi8-r")])
def test_a_dialect_is_read_back_as_it_was_written(dialect: Dialect) -> None:
    assert read_dialect(dialect.to_dict()) == dialect


@pytest.mark.parametrize("text", ["-999", "-999.0", "-999.00", "-9.99e2", " -999. ", "-0999.0"])
def test_a_number_that_stands_for_a_missing_value_is_it_in_every_spelling(text: str) -> None:
    """Parquet and JSON have a column of floats as -999.0."""
    assert Dialect(missing=("-999", "unknown")).respelled(text) == ""
    assert Dialect(missing=("-999,0",), decimal=",").respelled(text.replace(".", ",")) == ""


@pytest.mark.parametrize("text", ["999", "-99.9", "-9990", "-999x", "7", "1", "yes", "nan", ""])
def test_other_numbers_and_words_are_none(text: str) -> None:
    assert Dialect(missing=("-999", "007", "unknown")).respelled(text) == text

"""Words and dates have one form: what is the same value is the same text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.data.dates import read_date
from switchyard.core.data.normalized_text import boolean, clean, word


@given(st.text())
def test_the_form_of_a_word_is_kept_by_taking_it_again(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text())
def test_composed_and_decomposed_signs_are_one_word(text: str) -> None:
    assert clean(unicodedata.normalize("NFD", text)) == clean(unicodedata.normalize("NFC", text))


@given(st.text())
def test_a_word_is_one_line(text: str) -> None:
    assert len(clean(text).splitlines()) <= 1


def test_words_for_a_missing_value_are_missing() -> None:
    assert [word(each) for each in (" NA ", "None", "", "na na")] == ["", "", "", "na na"]


def test_booleans_are_words_in_any_case() -> None:
    assert [boolean(each) for each in ("Yes", " f ", "1", "perhaps")] == [True, False, True, None]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-11-29", "2026-11-29"),
        (" 2026/11/29 ", "2026-11-29"),
        ("20261129", "2026-11-29"),
        ("20261129 06:00", "2026-11-29T06:00:00Z"),
        ("20261129T060000Z", "2026-11-29T06:00:00Z"),
        ("20261129T0830+0230", "2026-11-29T06:00:00Z"),
        ("20261129t060000.5", "2026-11-29T06:00:00.500000Z"),
        ("29NOV2026", "2026-11-29"),
        ("29NOV2026:06:00:00.5", "2026-11-29T06:00:00.500000Z"),
        ("2026-11-29-06.00.00.000000", "2026-11-29T06:00:00Z"),
        ("29/Nov/2026:08:00:00 +0200", "2026-11-29T06:00:00Z"),
        ("Sun Nov 29 08:00:00 +0200 2026", "2026-11-29T06:00:00Z"),
        ("Tue Dec  1 06:00:00 2026", "2026-12-01T06:00:00Z"),
        ("Sun Nov 29 2026 08:00:00 GMT+0200 (Eastern European Time)", "2026-11-29T06:00:00Z"),
        ("2026-11-29 08:00:00 +0200 EET", "2026-11-29T06:00:00Z"),
        ("29 Sept 2026", "2026-09-29"),
        ("Sept. 29, 2026", "2026-09-29"),
        ("Monday, November 30, 2026", "2026-11-30"),
        ("Mon, Nov 30, 2026 6:00", "2026-11-30T06:00:00Z"),
        ("Tue 1 Dec 2026", "2026-12-01"),
        ("2026-11-29T00:00:00Z", "2026-11-29"),
        ("2026-11-29 06:00", "2026-11-29T06:00:00Z"),
        ("2026-11-29T08:00:00+02:00", "2026-11-29T06:00:00Z"),
        ("2026-11-29 06:00:00.500 UTC", "2026-11-29T06:00:00.500000Z"),
    ],
)
def test_an_instant_is_one_text(written: str, instant: str) -> None:
    assert read_date(written) == instant
    assert read_date(instant) == instant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-13-45",
        "29.11.2026",
        "11/29/2026",
        "29112026",
        "11292026",
        "2026112",
        "20261129060000",
        "20261129T256000",
        "2026-11-29T060000",
        "0001-01-01T00:00+05:00",
    ],
)
def test_what_may_be_another_day_is_no_date(written: str) -> None:
    assert read_date(written) is None


@given(st.datetimes())
def test_every_moment_is_read(moment: object) -> None:
    assert read_date(str(moment)) is not None

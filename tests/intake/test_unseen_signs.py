"""What no screen shows changes nothing: marks of byte order and direction, blanks without a width, forms of letters."""

import pytest

from switchyard.core.data.contract import Kind
from switchyard.core.data.dates import read_date
from switchyard.core.data.normalized_text import boolean, word
from switchyard.core.data.numbers import fault
from switchyard.core.data.rows import read_value
from switchyard.intake.rules.kinds import infer
from tests.intake.dropping import BASE, DEFAULT, dropped, folder, seen, table, with_column

MARKS = ("\ufeff", "\u200b", "\u200e", "\u200f", "\u2060", "\u00a0")
REPEATS = "row 62: it repeats the header, as where files were joined; remove it"


@pytest.mark.parametrize("mark", MARKS, ids=ascii)
def test_words_booleans_and_dates_are_the_same_with_marks_around_them(mark: str) -> None:
    assert word(f"{mark}red {mark}") == "red"
    assert boolean(f"yes{mark}") is True
    assert read_date(f"{mark}2026-11-29{mark}") == "2026-11-29"


@pytest.mark.parametrize("mark", MARKS, ids=ascii)
@pytest.mark.parametrize("kind", [Kind.BOOLEAN, Kind.DATE, Kind.CATEGORY, Kind.TEXT])
def test_words_for_a_missing_value_are_that_with_marks_around_them(kind: Kind, mark: str) -> None:
    value = read_value(kind, f"{mark}NA{mark}")
    assert value == "" or value != value


def test_joiners_within_a_word_are_letters() -> None:
    assert word("\u0645\u06cc\u200c\u062e\u0648") == "\u0645\u06cc\u200c\u062e\u0648"


@pytest.mark.parametrize("mark", MARKS, ids=ascii)
def test_a_number_with_a_mark_is_told_and_no_other_kind(mark: str) -> None:
    column = ["0", "1"] * 30 + [f"{mark}1"]
    assert infer(column).kind == "number"
    assert "a sign around it that is not seen" in fault(f"{mark}1")
    assert "a sign around it that is not seen" in fault(f"yes{mark}")


def test_classes_with_marks_are_the_same_classes() -> None:
    rows = [(("cat", "dog", "dog\u200b")[at % 3], a, b) for at, (_, a, b) in enumerate(BASE)]
    assert dropped(table(rows), pipeline=f"{DEFAULT}problem: binary\n") == ("RUNNING", "")


JOINED = {
    "blanks": table(BASE, " y , a, b") * 2,
    "a mark of byte order": (table(BASE) + "\ufeff" + table(BASE)),
    "other blanks": table(BASE) + table(BASE, "y\u00a0,a ,b"),
    "composed letters": table(BASE, "y,gro\u0308,b") + table(BASE, "y,gr\u00f6,b"),
    "words alone": with_column("red", "blue").replace("\n0", "\nno").replace("\n1", "\nyes")
    + "\ufeffy,a,b\n",
}


@pytest.mark.parametrize("what", JOINED)
def test_a_header_that_is_repeated_in_other_spelling_is_told(what: str) -> None:
    assert REPEATS in dropped(JOINED[what])[1]


def test_a_header_is_repeated_beside_folders_and_weights_too() -> None:
    twice = table(BASE) * 2
    assert REPEATS in folder({"c=UA/part.csv": twice, "c=AA/part.csv": table(BASE)})[1]
    metrics = "evaluation: {metrics: {accuracy: {margin: 0.01, floor: 0.8}}}\n"
    assert REPEATS in dropped(twice, pipeline=f"{DEFAULT}columns: {{b: weight}}\n{metrics}")[1]


def test_words_for_a_missing_value_are_words_in_their_one_form() -> None:
    rows = [(y, ("gro\u0308", "k.\u00a0A.", a, b)[at % 4], b) for at, (y, a, b) in enumerate(BASE)]
    pipeline = f"{DEFAULT}data: {{missing: [gr\u00f6, k. A.]}}\n"
    assert seen({"digits/train/w.csv": table(rows)}, pipeline)[2]["a"] == "number"


def test_two_spellings_of_a_column_in_the_pipeline_are_told() -> None:
    said = dropped(table(BASE), pipeline=f"{DEFAULT}columns: {{a: number, 'a ': text}}\n")
    assert said[0] == "INVALID"
    assert "columns: 'a' stands twice, in two spellings; leave one out" in said[1]

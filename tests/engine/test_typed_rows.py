"""Rows by blocks are what the rules of core.data make of them one by one: values, identities, lines, errors."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switchyard.core.data.contract import Kind
from switchyard.core.policy import Problem
from switchyard.engine.typed_queries import STABLE
from tests.engine.sheets import (
    EVERY,
    KINDS,
    MISSING,
    UNUSUAL,
    USUAL,
    Sheet,
    Watched,
    checked,
    located,
    outcome,
    sheet_of,
    sheets,
)


@EVERY
@example(Sheet((Kind.NUMBER,), Kind.NUMBER, (("1", "1"), ("1", " yes")), "\n", 0, ""), "")
@given(sheets(), st.sampled_from([""] * 8 + ["1,2\n", ",,,,,,,,,\n", '"a"b,1\n', '"', "é", "\0,\n"]))
def test_the_door_finds_the_same(sheet: Sheet, broken: str) -> None:
    sheet = replace(sheet, raw=sheet.raw + broken)
    assert outcome(lambda: checked(sheet, Watched())) == outcome(lambda: checked(sheet, None))
    if sheet.target is Kind.NUMBER:  # as a regression
        found, wanted = (outcome(lambda f=f: checked(sheet, f, classes=())) for f in (Watched(), None))
        assert found == wanted


@EVERY
@given(sheets())
@example(Sheet((Kind.NUMBER,), Kind.NUMBER, (("1", ""), ("0", "-0"))))
def test_the_channels_get_the_same(sheet: Sheet) -> None:
    assert outcome(lambda: located(sheet, Watched())) == outcome(lambda: located(sheet, None))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("beside", ["1", "a b", "_\t\v\f\x1c+- ", "é\n"])
def test_every_unusual_field_is_read_by_the_rules(kind: Kind, beside: str) -> None:
    """beside: a text in the same block, for what is looked at only where a block has such signs."""
    rows = [(text, str(at % 2), beside) for at, text in enumerate([*USUAL[kind], *UNUSUAL[kind], *MISSING])]
    sound = [
        row for row in rows if not isinstance(outcome(lambda r=row: located(sheet_of(kind, r), None)), str)
    ]
    sheet = sheet_of(kind, *sound)
    assert located(sheet, Watched(), block=10_000) == located(sheet, None)
    assert checked(sheet, Watched(), block=10_000) == checked(sheet, None)


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_is_told_by_the_rules(kind: Kind) -> None:
    for text in [*UNUSUAL[kind], *MISSING, "\0"]:
        sheet = sheet_of(kind, (USUAL[kind][0], "0", "x"), (text, "1", "x"))
        said = outcome(lambda s=sheet: checked(s, None))
        if isinstance(said, str):
            assert outcome(lambda s=sheet: checked(s, Watched())) == said, text
            assert outcome(lambda s=sheet: located(s, Watched())) == outcome(
                lambda s=sheet: located(s, None)
            ), text


@EVERY
@given(st.text("0123456789+-.eE_ ", min_size=1, max_size=8))
def test_one_grammar_of_numbers(text: str) -> None:
    sheet = sheet_of(Kind.NUMBER, ("1", "0", "x"), (text, "1", "x"))
    assert outcome(lambda: located(sheet, Watched())) == outcome(lambda: located(sheet, None))


@EVERY
@given(st.lists(st.floats(width=64, allow_nan=False), min_size=1, max_size=8))
def test_numbers_are_rounded_alike(numbers: list[float]) -> None:
    rows = tuple((repr(number), repr(number), "x") for number in numbers)
    sheet = Sheet((Kind.NUMBER, Kind.TEXT), Kind.NUMBER, rows)
    regression = Problem.REGRESSION
    assert outcome(lambda: located(sheet, Watched(), regression)) == outcome(
        lambda: located(sheet, None, regression)
    )


def test_what_is_usual_is_read_by_blocks() -> None:
    rows = tuple(
        (
            *(USUAL[kind][at % len(USUAL[kind])] for kind in KINDS[:-1]),
            "yes" if at % 3 else "no",
            "2026-11-29",
        )
        for at in range(50)
    )
    door, channels, sheet = Watched(), Watched(), Sheet(KINDS, Kind.CATEGORY, rows)
    assert checked(sheet, door, shown=("no", "yes"))[0] == 50
    assert len(located(sheet, channels)) == 50
    assert (door.odd, channels.odd) == (0, 0)
    assert door.plain == 49  # but for the first
    assert channels.plain == 50


def test_signs_that_unicode_leaves_alone() -> None:
    """No version of it joins two of them, or takes one apart, and none is white space."""
    second = set()
    for at in range(0x110000):
        parts = unicodedata.decomposition(chr(at))
        if parts and not parts.startswith("<") and len(parts.split()) == 2:
            second.add(int(parts.split()[1], 16))
    for first, last in STABLE:
        for at in range(first, last + 1):
            sign = chr(at)
            assert unicodedata.normalize("NFC", sign) == sign, hex(at)
            assert not sign.isspace(), hex(at)
            assert not unicodedata.combining(sign), hex(at)
            assert at not in second, hex(at)


def test_a_field_that_is_too_long_is_told_with_its_row() -> None:
    sheet = Sheet(
        (Kind.TEXT, Kind.NUMBER), Kind.NUMBER, (("a", "1", "1"), ("a" * 140_000, "0", "1"), ("b", "1", "1"))
    )
    said = outcome(lambda: checked(sheet, Watched()))
    assert said == outcome(lambda: checked(sheet, None))
    assert "row 3" in said

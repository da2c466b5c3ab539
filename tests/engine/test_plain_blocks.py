"""A block that is read as a plain one has nothing that DuckDB passes over in silence."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switchyard.core.data.contract import Kind
from switchyard.core.data.csv_block import Block
from switchyard.core.data.packed.packed_rows import Shape
from switchyard.engine.typed_rows import KEPT, typed_rows
from tests.engine.sheets import EVERY, ONE_BY_ONE, USUAL, WHOLE, Watched, checked, located, outcome, sheet_of

# What DuckDB passes over in silence, and what the csv module refuses or reads otherwise.
LOOSE = st.sampled_from(
    [
        "a",
        "",
        '""',
        '"a"',
        '"a,b"',
        '"a""b"',
        ' "a"',
        '  "a"',
        '"a" ',
        'a"b',
        '"a\nb"',
        "NA",
        "nA",
        '"NA"',
        '"',
        " a",
    ]
)


@EVERY
@example([("a", '"a"', ",\n")])
@example([("a", "b", ',""\n')])
@example([(' "a"', "b", "\n\n")])
@example([("a", '"b" ', "\n")])
@given(st.lists(st.tuples(LOOSE, LOOSE, st.sampled_from(["\n"] * 6 + ["\n\n", ",\n", ',""\n'])), max_size=6))
def test_no_block_is_plain_that_leaves_a_byte_out(rows: list[tuple[str, str, str]]) -> None:
    raw = "".join(f"{first},{at % 2},{second}{end}" for at, (first, second, end) in enumerate(rows))
    sheet = replace(sheet_of(Kind.TEXT, ("a", "0", "x"), ("b", "1", "x")), raw=raw)
    for size in (ONE_BY_ONE, WHOLE):
        by_rules = outcome(lambda: checked(sheet, None))
        assert outcome(lambda b=size: checked(sheet, Watched(), b)) == by_rules
        if not isinstance(by_rules, str):
            assert located(sheet, Watched(), block=size) == located(sheet, None)


@pytest.mark.parametrize(
    "text", ["1e400", "-1e400", "1e39", "nan(1)", "NAN", "-inf", "INF", "1_0", " 1", "yes"]
)
def test_no_block_is_plain_with_a_number_that_is_none(text: str) -> None:
    for sheet in (
        sheet_of(Kind.NUMBER, ("1", "0", "n n"), (text, "1", "n_n")),
        sheet_of(Kind.TEXT, ("n", "0", "n n"), ("n n", text, "n_n")),
    ):
        for classes in (("0", "1"), ()):
            by_blocks, by_rules = (
                outcome(lambda f=f, s=sheet, c=classes: checked(s, f, WHOLE, c, (0.0, 1.0)))
                for f in (Watched(), None)
            )
            assert by_blocks == by_rules


def test_a_plain_block_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its words are, as far as they are in their one form."""
    rows = [
        (number, str(at % 2), word)
        for at, (number, word) in enumerate(
            zip(
                USUAL[Kind.NUMBER] * 2,
                ["a, b", 'say "x"', "", "NA", "nUll", "Größe", "infinite", "_"],
                strict=True,
            )
        )
    ]
    monkeypatch.setattr("switchyard.engine.typed_rows.rows_query", lambda *_: "no query")
    found = Watched()
    assert located(sheet_of(Kind.NUMBER, *rows), found, block=WHOLE) == located(
        sheet_of(Kind.NUMBER, *rows), None
    )
    assert found.plain == len(rows)


def test_after_a_block_that_is_not_plain_fewer_are_tried() -> None:
    usual, odd = (sheet_of(Kind.NUMBER, (text, "1", "x")).body.encode() for text in ("1", " 1"))
    tried = []
    with typed_rows(Shape(3, (1, 0, 2), (Kind.NUMBER, Kind.NUMBER, Kind.TEXT))) as rows:
        for body in (usual, odd, usual, odd, usual, usual, usual, odd):
            tried.append(rows._pause <= 0)
            block = Block(body.partition(b"\n")[2], 3)
            assert [each.rows for each in rows.read(block, (), {1.0: 1})] == [1]
    assert tried == [True, True, False, True, False, False, True, True]


def test_a_query_that_is_asked_again_is_of_the_block_that_is_there_now() -> None:
    with typed_rows(Shape(3, (1, 0, 2), (Kind.NUMBER, Kind.NUMBER, Kind.TEXT))) as rows:
        for turn in range(2):
            for code in range(KEPT + 2):  # as many queries
                block = Block(f"{turn},1,x{code}\n".encode() * (code + 1), 3)
                [found] = rows.read(block, (), {1.0: code})
                assert found.packed is not None
                assert found.packed.lines.each() == [f"{code},{turn},x{code}\n".encode()] * (code + 1)

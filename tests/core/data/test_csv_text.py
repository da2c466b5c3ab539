"""Text by lines and by blocks: whoever takes it in turns loses nothing, and a block leaves nothing open."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.data.csv_block import Block, next_block
from switchyard.core.data.csv_text import CsvText, joined
from switchyard.core.errors import InvalidDatasetError

FIELDS = st.text('ab",\r\n 0é', max_size=4)
PIECES = st.lists(st.text('a",\n\r', max_size=8), max_size=8)


def broken(*pieces: str) -> Iterator[str]:
    yield from pieces
    raise InvalidDatasetError("the rest is lost")


@given(PIECES, st.lists(st.booleans(), max_size=20), st.integers(1, 20))
def test_lines_and_blocks_in_turns_are_the_text(pieces: list[str], turns: list[bool], size: int) -> None:
    text, taken = CsvText(iter(pieces), size), ""
    lines = iter(text)
    for by_line in turns:
        taken += next(lines, "") if by_line else text.block().decode()
    taken += "".join(lines)
    whole = "".join(pieces)
    assert taken in (whole, whole + "\n")


@given(PIECES, st.integers(1, 20))
def test_what_is_put_back_is_read_again(pieces: list[str], size: int) -> None:
    text = CsvText(iter(pieces), size)
    block = text.block()
    text.put_back(block)
    assert "".join(text).removesuffix("\n") == "".join(pieces).removesuffix("\n")
    assert all(line.count("\n") <= 1 for line in text)


@given(PIECES, st.integers(0, 3), st.integers(0, 3), st.integers(1, 20))
def test_what_was_remembered_is_taken_again(pieces: list[str], before: int, then: int, size: int) -> None:
    text = CsvText(iter(pieces), size)
    lines = iter(text)
    first = [next(lines, "") for _ in range(before)]
    text.remember()
    for _ in range(then):
        next(lines, "")
    text.rewind()
    assert "".join([*first, text.block().decode(), *text]).removesuffix("\n") == "".join(pieces).removesuffix(
        "\n"
    )


@pytest.mark.parametrize("by_blocks", [False, True])
def test_a_fault_comes_when_the_lines_before_it_are_taken(by_blocks: bool) -> None:
    text = CsvText(broken("a,b\n1,", "2\n3"), 5)
    if by_blocks:
        assert text.block() + text.block() == b"a,b\n1,2\n"
    else:
        assert [next(iter(text)), next(iter(text))] == ["a,b\n", "1,2\n"]
    with pytest.raises(InvalidDatasetError, match="the rest is lost"):
        next(iter(text))


def test_lines_that_end_in_a_fault_are_handed_on_before_it() -> None:
    lines = joined(broken("a\n", "b\n"))
    assert next(lines) == "a\nb\n"
    with pytest.raises(InvalidDatasetError):
        next(lines)


@given(st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_a_plain_block_has_the_rows_that_the_csv_module_finds(rows: list[tuple[str, str]], end: str) -> None:
    body = io.StringIO()
    csv.writer(body, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    assert Block(body.getvalue().encode(), 2).rows == len(rows)


@given(st.text('a",\n\r', max_size=20))
def test_any_other_text_is_no_plain_block(text: str) -> None:
    count = Block(f"{text}\n".encode(), 2).rows
    if count is not None:
        rows = list(csv.reader(io.StringIO(f"{text}\n", newline=""), strict=True))
        assert [len(row) for row in rows] == [2] * count


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n\n3,4\n",  # an empty line counts as a row for a person
        "\n1,2\n",
        "1,2,\n3,4\n",
        "1,2,\n3\n",  # as many commas as two rows of two have
        "1,2\r\n3,4\n",
        '5" wide,2\n6" wide,2\n',
        '"a" ,2\n',
        ' "a",2\n',
        "a\0,2\n",
        "\ufeff1,2\n",
    ],
)
def test_what_leaves_a_question_open_is_read_by_rows(text: str) -> None:
    source = CsvText(iter([text]), 1)
    block = next_block(source, 2)
    assert block is not None
    assert block.rows is None
    source.put_back(block.body)
    assert "".join(source) == text


def test_a_block_ends_where_a_row_ends() -> None:
    text = CsvText(iter(['1,"a\n', 'b"\n2,"c\n', 'd"\n']), 9)
    assert text.block() == b'1,"a\nb"\n'
    assert text.block() == b'2,"c\nd"\n'
    assert text.block() == b""

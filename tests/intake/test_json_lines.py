"""JSON Lines are read as the table that they are, or refused by line and key."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.errors import InvalidDatasetError
from switchyard.intake.json_lines import csv_of_json_lines
from switchyard.intake.json_list import lines_of_list


def table(text: str, *known: str) -> str:
    return "".join(csv_of_json_lines("w.jsonl", iter(text.splitlines(keepends=True)), known))


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("1.50", "1.50"),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ("9" * 401, "9" * 401),
        ("1e400", "1e400"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("true", "true"),
        ("false", "false"),
        ("null", ""),
        ('""', ""),
        ('"admin."', "admin."),
        ('"a, \\"b\\"\\nc"', '"a, ""b""\nc"'),
        ('"\\ud83d\\ude00"', "😀"),
    ],
)
def test_values_as_they_stand(value: str, field: str) -> None:
    assert table(f'{{"a": {value}, "y": 1}}\n') == f"a,y\n{field},1\n"


def test_files_that_were_joined_have_marks_of_byte_order_within() -> None:
    assert table('{"a": 1}\n\ufeff{"a": 2}\n') == "a\n1\n2\n"


def test_keys_are_columns_in_any_spelling() -> None:
    lines = '{"gr\u00f6": 1, "y": 1}\n{"gro\u0308": 2, " y": 0}\n'
    assert table(lines) == "gr\u00f6,y\n1,1\n2,0\n"
    assert table('{"gro\u0308": 2, "y": 0}\n', "y", "gr\u00f6") == "y,gr\u00f6\n0,2\n"
    with pytest.raises(InvalidDatasetError, match=r"row 2 \(line 1\): a key occurs twice"):
        table('{"a": 1, "a ": 2}\n')


def test_a_key_that_an_object_lacks_is_missing_and_one_more_is_a_column() -> None:
    text = '{"a": 1, "y": 0}\n{"y": 1}\n{"y": 0, "b": "x\\ny", "a": 2}\n'
    assert table(text) == 'a,y,b\n1,0,\n,1,\n2,0,"x\ny"\n'


def test_columns_of_the_parts_before_come_first() -> None:
    assert table('{"y": 1, "c": 3}\n', "a", "y") == "a,y,c\n,1,3\n"


def test_blank_lines_count_as_lines_of_the_file() -> None:
    assert table('{"y": 1}\n\n  \n{"y": 2}') == "y\n1\n\n\n2\n"


def test_a_missing_value_alone_in_its_line_is_a_row() -> None:
    assert table('{"y": null}\n{}\n{"y": 1}\n') == 'y\n""\n""\n1\n'


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("[1, 2]", "a list where an object was expected"),
        ("3", "a text or a number where an object was expected"),
        ("null", "null where an object was expected"),
        ("true", "a boolean where an object was expected"),
        ("{", "an object over several lines; write one object a line"),
        ('{"a": 1} {"a": 2}', "not JSON from column 10 on"),
        ('{"a": 1,}', "not JSON from column"),
        ('{"a": 1, "a": 2}', "a key occurs twice"),
        ('{"a": [1]}', r"column 'a': nested; write a key for each of its values, or leave it out"),
        ('{"a": {"b": 1}}', r"column 'a': nested"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply to be read; write it flat"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": "\\ud800"}', "half a surrogate pair"),
    ],
)
def test_what_is_no_row_is_told_by_its_line(line: str, says: str) -> None:
    with pytest.raises(InvalidDatasetError, match=rf"^w.jsonl: row 4 \(line 3\)[:,] {says}"):
        table(f'{{"a": 0}}\n\n{line}\n{{"a": 1}}\n')


@pytest.mark.parametrize("text", ["", "\n\n", "{}\n{}\n"])
def test_no_object_is_no_table(text: str) -> None:
    with pytest.raises(
        InvalidDatasetError, match=r"w.jsonl: there is no object in it; write one object a line"
    ):
        table(text)


def test_a_key_a_line_is_no_table() -> None:
    rows = ({f"k{n}": 1 for n in range(first, first + 1000)} for first in range(0, 20_000, 1000))
    with pytest.raises(InvalidDatasetError, match=r"row 18 \(line 17\): over 16384 keys by then"):
        table("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize("last", [False, True])
def test_rows_that_are_nearly_empty_beside_a_wide_one_unfold_too_far(last: bool) -> None:
    wide, narrow = json.dumps(dict.fromkeys(map(str, range(10_000)), 1)) + "\n", "{}\n" * 100_000
    with pytest.raises(InvalidDatasetError, match="unfolds to over 100 times its size"):
        table(narrow + wide if last else wide + narrow)


def test_rows_that_grow_wide_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchyard.core.data.size_limits.MAX_UNPACKED", 100_000)
    wide = json.dumps(dict.fromkeys(map(str, range(10_000)), 1))
    with pytest.raises(InvalidDatasetError, match="over 100000 bytes when it is unpacked"):
        table(wide + "\n" + "{}\n" * 1000)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)


@given(st.lists(st.dictionaries(st.text(max_size=2), VALUES, max_size=3), max_size=5), st.binary(max_size=9))
def test_any_objects_are_read_or_refused_in_words(objects: list[dict[str, object]], noise: bytes) -> None:
    text = "".join(json.dumps(each) + "\n" for each in objects) + noise.decode("latin-1")
    try:
        table(text)
    except InvalidDatasetError as error:
        refused = str(error)
    else:
        refused = "w.jsonl: not at all"
    assert refused.startswith("w.jsonl: ")


def test_a_list_of_objects_keeps_what_stands_in_its_texts() -> None:
    """A U+2028 in a text ends no line; the line ends between an object's keys are blanks."""
    pieces = ['[\n{"a": "x\u2028y\x85z",\r\n "b": 1},', '{"a": "p", "b": 2}]']
    found = "".join(csv_of_json_lines("w.json", lines_of_list("w.json", iter(pieces)), unit="object"))
    assert found == "a,b\nx\u2028y\x85z,1\np,2\n"

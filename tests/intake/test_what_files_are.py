"""Files by what they are, whatever they are called: read with the right values, or refused by name."""

import csv
import gzip
import io
import json
import tarfile

import pytest

from switchyard.engine.table_files import EngineForms
from switchyard.intake.reading import Reading
from tests.engine.tables import parquet
from tests.intake.dropping import BASE, DEFAULT, dropped, folder, seen, table

OBJECTS = [{"y": y, "a": a, "b": b} for y, a, b in BASE]
LINES = "".join(json.dumps(each) + "\n" for each in OBJECTS)


def rows_of(name: str, *pieces: bytes) -> list[list[str]]:
    return list(csv.reader(Reading(name, iter(pieces), EngineForms()).lines()))


PLAIN = rows_of("w.csv", table(BASE).encode())
SAME = {
    "a list in one line": json.dumps(OBJECTS),
    "a list over many lines": json.dumps(OBJECTS, indent=2),
    "a list behind a mark": "\ufeff\n [" + ",\n".join(map(json.dumps, OBJECTS)) + "]\n",
    "lines": LINES,
}


@pytest.mark.parametrize("size", [1, 7, 4096, 10**6])
@pytest.mark.parametrize("what", SAME)
def test_json_has_the_same_rows_in_lines_and_in_a_list(what: str, size: int) -> None:
    body = SAME[what].encode()
    assert rows_of("w.json", *(body[at : at + size] for at in range(0, len(body), size))) == PLAIN


JSON = {
    "columns": ({"y": [0, 1], "a": [1, 2]}, "it holds a table, not a row; write each row as an object"),
    "columns by row": ({"y": {"0": 0}, "a": {"0": 1}}, "to_json(orient='records', lines=True)"),
    "DynamoDB's types": ({"y": {"N": "0"}, "a": {"S": "x"}}, """write each by itself, 5 for {"N": "5"}"""),
    "rows under a key": ({"data": OBJECTS}, "it holds a table, not a row"),
}


@pytest.mark.parametrize("what", JSON)
def test_a_table_in_one_object_is_told(what: str) -> None:
    content, says = JSON[what]
    state, reason = dropped(json.dumps(content), "digits/train/w.json")
    assert (state, says in reason) == ("INVALID", True)


LISTS = {
    json.dumps(OBJECTS)[:-1]: "object 60: not JSON",
    json.dumps(OBJECTS[:2]).replace("}, {", "} {"): "object 1: not JSON",
    '[{"y": 1}, 5]': "object 2: not JSON",
    '[{"y": 1}, {"y": ' + "[" * 100_000: "object 2: not JSON",
    json.dumps([[0, 1], [1, 2]]): "a list where an object was expected",
    "[]": "there is no object in it",
    json.dumps(OBJECTS) + LINES: "something follows the list of objects",
    json.dumps([{**OBJECTS[0], "m": {"x": 1}}]): "(object 1), column 'm': nested",
    LINES.replace("\n", "\r"): "its lines end with CR alone; save it with LF or CRLF",
    json.dumps(OBJECTS[0], indent=1): "an object over several lines; write one object a line",
}


@pytest.mark.parametrize("body", LISTS, ids=lambda body: f"{body[:9]}{len(body)}")
def test_a_list_that_is_none_is_told_by_the_object(body: str) -> None:
    state, reason = dropped(body, "digits/train/w.json")
    assert (state, LISTS[body] in reason) == ("INVALID", True), reason


ENCODED = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("encoding", ENCODED)
def test_every_encoding_of_unicode_is_read(encoding: str) -> None:
    assert rows_of("w.csv", table(BASE, "y,größe,b").encode(encoding))[1:] == PLAIN[1:]


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (["Москва", "Тула", "Омск"], "windows-1251"),
        (["Αθήνα", "Πάτρα", "Βόλος"], "iso8859-7"),
        (["东京", "大阪", "京都"], "gb18030"),
        (["東京", "大阪", "京都"], "shift_jis"),
        (["서울", "부산", "대구"], "euc-kr"),
    ],
)
def test_words_of_another_script_are_not_taken_for_latin(words: list[str], encoding: str) -> None:
    """Read as Latin-1 they would be words that no request has."""
    body = table([(y, words[at % 3], b) for at, (y, _, b) in enumerate(BASE)]).encode(encoding)
    state, reason = dropped(body)
    assert (state, "say what it is in pipeline.yaml: `data: {encoding:" in reason) == ("INVALID", True)


@pytest.mark.parametrize("word", ["Größe", "œuvre…»", "ÄÖÜ", "naïveté", "5 €", "Señor\u2019s"])
def test_latin_words_are_read_as_windows_writes_them(word: str) -> None:
    assert rows_of("w.csv", f"y,a\n1,{word}\n".encode("cp1252")) == [["y", "a"], ["1", word]]


def tar() -> bytes:
    body, packed = table(BASE).encode(), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("w.csv")
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    return packed.getvalue()


BINARY = {
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "this is a picture"),
    "an archive": (tar(), "this is a tar archive; unpack it"),
    "an archive in gzip": (gzip.compress(tar()), "this is a tar archive; unpack it"),
    "an array": (b"\x93NUMPY\x01\0v\0{'descr'", "this is an array of NumPy"),
    "objects of Python": (b"\x80\x04\x95" + bytes(50), "it is binary, and no text"),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(99), "it is binary, and no text"),
    "a film": (b"\0\0\0 ftypisom" + bytes(99), "it is binary, and no text"),
    "an error of S3": (b"<Error><Code>AccessDenied</Code></Error>", "this is a web page, or XML"),
    "a pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
        "this is a pointer of Git LFS",
    ),
}


@pytest.mark.parametrize("what", BINARY)
def test_a_file_that_is_no_table_is_told_by_its_bytes(what: str) -> None:
    body, says = BINARY[what]
    state, reason = dropped(body)
    assert (state, says in reason) == ("INVALID", True), reason


@pytest.mark.parametrize("name", ["w.txt", "w.tab", "w.psv", "part-00000", "000000_0", "w.TXT.GZ"])
def test_tables_are_read_under_the_names_that_tools_give(name: str) -> None:
    body = table(BASE).encode()
    assert dropped(gzip.compress(body) if name.endswith("GZ") else body, f"digits/train/{name}") == (
        "RUNNING",
        "",
    )


NAMES = {
    "w.xlsx": "save the sheet as CSV (UTF-8)",
    "w.csv.zip": "unpack it, and drop what is in it",
    "w.csv.bz2": "one file may be packed with gzip or zstd",
    "w.feather": "write it as Parquet",
    "w.md": "convert or remove it",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_no_table_is_told_with_what_to_do(name: str) -> None:
    state, reason = dropped(table(BASE), f"digits/train/{name}")
    assert (state, NAMES[name] in reason) == ("INVALID", True)


HALVES = {"part-0.csv": table(BASE[:30]), "part-1.csv": table(BASE[30:])}


def placed(*folders: str) -> dict[str, str | bytes]:
    return {f"{place}/part-0.csv": body for place, body in zip(folders, HALVES.values(), strict=True)}


def test_columns_in_the_names_of_folders_are_columns() -> None:
    files = placed("carrier=United%20Air/since=2026-01-01", "carrier=Delta/since=2026-01-02")
    state, reason, kinds = folder(files)
    assert (state, reason) == ("RUNNING", "")
    assert kinds == {"a": "number", "b": "number", "carrier": "category", "since": "date"}


def test_their_values_are_read_as_hive_writes_them() -> None:
    said = {"carrier": "", "city": "São Paulo"}
    reading = Reading("w.csv", iter([b"y,a\n1,2\n"]), EngineForms(), beside=said)
    assert "".join(reading.lines()) == "y,a,carrier,city\n1,2,,São Paulo\n"
    assert reading.is_rewritten


def test_a_target_in_the_names_of_folders_is_the_target() -> None:
    rows = [table([row[1:] for row in BASE if row[0] == side], "a,b") for side in (0, 1)]
    files: dict[str, str | bytes] = {f"y={side}/part-0.csv": rows[side] for side in (0, 1)}
    assert folder(files) == ("RUNNING", "", {"a": "number", "b": "number"})


def test_a_column_that_is_the_same_in_every_folder_says_nothing() -> None:
    assert folder(placed("day=2026-11-29/x", "day=2026-11-29/y"))[2] == {"a": "number", "b": "number"}


def test_what_a_file_has_itself_goes_before_the_names_of_its_folders() -> None:
    assert folder(placed("a=1", "a=2")) == ("RUNNING", "", {"a": "number", "b": "number"})


def test_what_desktops_leave_is_no_data() -> None:
    left: dict[str, str | bytes] = dict.fromkeys(
        ("Thumbs.db", "desktop.ini", "~$part-0.csv", ".DS_Store"), b"x"
    )
    assert folder({**HALVES, **left})[0] == "RUNNING"


def test_an_index_that_pandas_left_in_parquet_is_no_feature(tmp_path: object) -> None:
    from pathlib import Path

    query = 'SELECT i % 2 AS y, i * 37 % 101 AS a, i AS "__index_level_0__" FROM range(60) AS t(i)'
    body = parquet(Path(str(tmp_path)) / "w.parquet", query)
    assert seen({"digits/train/w.parquet": body}, DEFAULT)[2] == {"a": "number"}


@pytest.mark.parametrize(
    ("header", "says"),
    [("y,a,b,c", "('c' is new)"), ("y,b,a", "(their order)"), ("y,a", "('b' is missing)")],
)
def test_parts_with_other_columns_are_told_by_the_column(header: str, says: str) -> None:
    width = len(header.split(","))
    other = table([(0, 1, 2, 3)[:width], (1, 2, 3, 4)[:width]], header)
    state, reason, _ = folder({"part-0.csv": table(BASE), "part-1.csv": other})
    assert (state, says in reason) == ("INVALID", True)


@pytest.mark.parametrize("body", ["\0" * 512, "y\0,a\0,b\0\n0,1,2\n", "\0" + table(BASE)])
def test_a_header_of_nul_bytes_is_told_as_what_it_is(body: str) -> None:
    state, reason = dropped(body)
    assert state == "INVALID"
    assert "there are NUL bytes in it, as unfinished downloads and full disks leave them" in reason
    assert reason.isprintable()


def test_no_sign_that_a_screen_obeys_stands_in_what_is_said_of_a_header() -> None:
    assert r"found \x1b[31my, a, b; " in dropped("\x1b[31my,a,b\n0,1,2\n")[1]


@pytest.mark.parametrize("body", ["  \n \n", "\t\t\n", "\u00a0\n\n", ",,\n,,\n", " "])
def test_a_file_of_blanks_is_empty(body: str) -> None:
    assert dropped(body) == (
        "INVALID",
        "w.csv: the file is empty; a header line and rows were expected; upload it whole, or remove it",
    )


def test_a_part_of_blanks_is_passed_over_beside_full_ones() -> None:
    assert folder({**HALVES, "part-9.csv": " \n"})[0] == "RUNNING"

"""`data` in pipeline.yaml: what can be read in two ways is read in the declared one."""

import csv
import json
from pathlib import Path

import pytest

from switchyard.config import door
from switchyard.core.data.dialect import Dialect
from switchyard.core.errors import InvalidDatasetError, InvalidPipelineError
from switchyard.engine.table_files import EngineForms
from switchyard.intake.reading import Reading
from tests.engine.tables import parquet
from tests.fakes.stations import Stations

ROWS = [(n * 1234 + n % 7 / 4, f"20{10 + n % 9}-{1 + n % 12:02d}-{1 + n % 28:02d}", n % 2) for n in range(60)]
PLAIN = "sum,since,y\n" + "".join(f"{value},{day},{y}\n" for value, day, y in ROWS)


def german(value: float) -> str:
    return f"{value:,}".replace(",", "_").replace(".", ",").replace("_", ".")


GERMAN = "sum;since;y\r\n" + "".join(
    f"{german(value)};{'.'.join(reversed(day.split('-')))};{y}\r\n" for value, day, y in ROWS
)
QUOTED = "sum,since,y\n" + "".join(
    f'"{value:,}",{day[5:7]}/{day[8:]}/{day[:4]},{y}\n' for value, day, y in ROWS
)
PIPELINE = "name: digits\ntarget: y\ntraining: {image: x}\nevaluation: {minimum_rows: 4}\n"


def text_of(body: str | bytes, dialect: Dialect, name: str = "w.csv") -> str:
    raw = body if isinstance(body, bytes) else body.encode()
    return "".join(Reading(name, iter([raw]), EngineForms(), dialect=dialect).lines())


@pytest.mark.parametrize(
    ("body", "declared"),
    [(GERMAN, "{dates: day-first}"), (QUOTED, '{thousands: ",", dates: month-first}')],
)
def test_a_declared_file_is_the_same_dataset_as_the_plain_one(body: str, declared: str) -> None:
    stations = Stations()
    stations.artifacts.write("digits/pipeline.yaml", f"{PIPELINE}data: {declared}\n".encode())
    stations.drop("digits/train/plain.csv", PLAIN)
    stations.clock.pass_(1)
    stations.drop("digits/train/declared.csv", body)
    assert len(stations.ledger.runs("digits")) == 1, stations.uploads()


def test_without_the_declaration_the_reason_says_what_to_declare() -> None:
    stations = Stations()
    stations.artifacts.write("digits/pipeline.yaml", PIPELINE.encode())
    stations.drop("digits/train/declared.csv", QUOTED)
    [upload] = stations.uploads()
    assert "`data: {dates: day-first}`, or month-first" in str(upload["reason"])


NUMBERS = [0.125, 1234.567, -0.5, 1e-7, 1.5e30, 3.0, 12.345]
MARKS = [
    Dialect(decimal=",", thousands="."),
    Dialect(thousands="."),
    Dialect(thousands=","),
    Dialect(decimal=","),
]


@pytest.mark.parametrize("dialect", MARKS, ids=str)
@pytest.mark.parametrize("form", ["w.jsonl", "w.json", "DOUBLE", "DECIMAL(38, 9)"])
def test_a_number_that_has_a_type_is_what_it_is_whatever_marks_are_declared(
    tmp_path: Path, dialect: Dialect, form: str
) -> None:
    """0.125 of JSON and Parquet is no hundred and twenty-five."""
    wanted = NUMBERS if form != "DECIMAL(38, 9)" else [each for each in NUMBERS if 1e-7 < abs(each) < 1e9]
    rows = [{"a": each, "n": 1234, "y": 1} for each in wanted]
    if form.startswith("w."):
        name, body = form, json.dumps(rows).encode()
        body = "\n".join(map(json.dumps, rows)).encode() if form == "w.jsonl" else body
    else:
        name, lines = "w.parquet", ", ".join(f"({each}::{form}, 1234, 1)" for each in wanted)
        body = parquet(tmp_path / name, f"SELECT * FROM (VALUES {lines}, (NULL, 1, 1)) AS t(a, n, y)")  # noqa: S608
    _, *found = csv.reader(text_of(body, dialect, name).splitlines())
    assert [float(a) for a, _, _ in found if a] == wanted
    assert {n for _, n, _ in found[: len(wanted)]} == {"1234"}


def test_words_for_missing_values_are_empty_fields() -> None:
    dialect = Dialect(missing=("-999", "k.A."))
    assert text_of("a,b,y\n-999,K.A.,1\n", dialect) == "a,b,y\n,,1\n"
    assert text_of('{"a": -999, "b": "k.A.", "y": 1}\n', dialect, "w.jsonl") == "a,b,y\n,,1\n"


def test_excel_says_its_separator_in_the_first_line() -> None:
    for body in ("sep=;\na;y\n1,5;0\n", "\ufeffSEP=;\r\na;y\r\n1,5;0\r\n", '"sep=;"\na;y\n1,5;0\n'):
        assert text_of(body, Dialect()) == "a,y\n1.5,0\n"


def test_a_declared_separator_and_encoding_are_taken() -> None:
    assert text_of("a|b;y\nx|1;0\n", Dialect(separator=";")) == "a|b,y\nx|1,0\n"
    assert text_of("имя;y\nдa;0\n".encode("windows-1251"), Dialect(encoding="windows-1251")).startswith(
        "имя,y"
    )
    with pytest.raises(InvalidDatasetError, match=r"w.csv: not SHIFT_JIS text"):
        text_of(b"a,y\n\xff\xff,0\n", Dialect(encoding="shift_jis"))


def test_latin_1_is_read_as_windows_writes_it() -> None:
    assert text_of("Größe,y\n“5 €” Ä,0\n".encode("cp1252"), Dialect()) == "Größe,y\n“5 €” Ä,0\n"


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"PK\x03\x04" + bytes(40), "a zip archive or an Excel workbook; save the sheet as CSV"),
        (b"<!DOCTYPE html><html>\n", "this is a web page, or XML; save the table itself"),
        (b"\xef\xbb\xbf\n <?xml version='1.0'?>\n", "this is a web page, or XML"),
        (b"SQLite format 3\0" + bytes(40), "an SQLite database"),
        (b"# exported today\na,y\n1,0\n", "the first line is a comment"),
        (b"Report,,\na,b,y\n1,2,0\n", "the first line looks like a title"),
        (b"\na,b,y\n1,2,0\n", "row 1: the line is empty; begin the file with its header"),
        (b"\r\na;b;y\r\n1;2;0\r\n", "row 1: the line is empty; begin the file with its header"),
        (b"1.5,2,0\n1,2,0\n", "the first line holds values"),
    ],
)
def test_what_is_no_table_is_told_as_what_it_is(head: bytes, says: str) -> None:
    stations = Stations()
    stations.has_pipeline()
    stations.data.write("digits/train/w.csv", head)
    stations.admission.admit("digits/train/w.csv")
    [upload] = stations.uploads()
    assert upload["state"] == "INVALID"
    assert says in str(upload["reason"])


def test_a_column_without_a_name_is_left_out_in_every_drop() -> None:
    stations = Stations()
    stations.has_pipeline()
    rows = [f"{n * 37 % 101},{n * 3},{n % 2}" for n in range(60)]
    stations.drop("digits/train/w.csv", ",a,b,y,\n" + "".join(f"{n},{row},\n" for n, row in enumerate(rows)))
    [upload] = stations.uploads()
    run = stations.ledger.run("digits", str(upload["run_id"]))
    contract = stations.snapshots.contract(stations.prepare_dataset.prepare(run)["schema"])
    assert contract.names == ("a", "b")
    assert set(contract.ignored) == {"Unnamed: 0", "Unnamed: 4"}


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("{thousands: ',', decimal: ','}", "the same mark"),
        ("{separator: ':'}", "data.separator"),
        ("{encoding: klingon}", "data.encoding"),
        ("{dates: sometimes}", "data.dates"),
        ("{missing: unknown}", "data.missing"),
        ("{colour: red}", "data.colour"),
    ],
)
def test_what_cannot_be_declared_is_refused(declared: str, says: str) -> None:
    with pytest.raises(InvalidPipelineError, match=says):
        door.read("digits", f"{PIPELINE}data: {declared}\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("declared", ["utf-16", "windows-1252"])
def test_a_mark_of_byte_order_goes_before_what_is_declared_and_utf16_may_lack_it(
    encoding: str, declared: str
) -> None:
    mark = "" if encoding == "utf-16" or declared == "utf-16" else "\ufeff"
    assert text_of((mark + PLAIN).encode(encoding), Dialect(encoding=declared)) == PLAIN
    assert text_of(PLAIN.encode("utf-8-sig"), Dialect(encoding=declared)) == PLAIN


@pytest.mark.parametrize(
    ("body", "declared"), [(PLAIN.encode(), "utf-16"), (b"y,a\n1,\x81\n", "windows-1252")]
)
def test_what_is_declared_and_is_not_so_is_to_be_corrected(body: bytes, declared: str) -> None:
    with pytest.raises(
        InvalidDatasetError, match=rf"w.csv: not {declared.upper()} text.*; .*correct `data.encoding`"
    ):
        text_of(body, Dialect(encoding=declared))

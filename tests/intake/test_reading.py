"""The same table in every form that people have is one dataset: one digest, one table to train from."""

import gzip
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switchyard.core.errors import InvalidDatasetError
from switchyard.engine.table_files import EngineForms
from switchyard.engine.zstd_frame import zstd
from switchyard.intake.reading import Reading
from tests.fakes.stations import Stations

ROWS = [(f"{n * 37 % 101}.{n % 10}", "" if n % 7 == 0 else str(n * 3), str(n % 2)) for n in range(60)]
PLAIN = "Größe,b,y\n" + "".join(",".join(row) + "\n" for row in ROWS)


def written(separator: str = ",", decimal: str = ".", end: str = "\n", encoding: str = "utf-8") -> bytes:
    """The table in another dialect."""
    lines = [
        separator.join(["Größe", "b", "y"]),
        *(separator.join([a.replace(".", decimal), b, y]) for a, b, y in ROWS),
    ]
    return "".join(f"{line}{end}" for line in lines).encode(encoding)


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


FORMS = {
    "semicolons and decimal commas": written(";", ","),
    "semicolons and decimal points": written(";"),
    "tabs": written("\t"),
    "bars": written("|"),
    "CR alone": written(end="\r"),
    "Latin-1": written(encoding="latin-1"),
    "UTF-16 with its mark": written(encoding="utf-16"),
    "UTF-16 without": written(encoding="utf-16-le"),
    "UTF-16, the other way round": written(encoding="utf-16-be"),
    "an Excel export": written(";", ",", "\n", "latin-1"),
    "gzip": packed(PLAIN.encode()),
    "gzip in members": packed(PLAIN[:200].encode()) + packed(PLAIN[200:].encode()),
    "an Excel export, zipped": packed(written(";", ",", "\n", "latin-1")),
}


def read(body: bytes, piece: int = 1024, name: str = "w.csv") -> tuple[str, Reading]:
    reading = Reading(name, iter([body[at : at + piece] for at in range(0, len(body), piece)]), EngineForms())
    return "".join(reading.lines()), reading


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("piece", [1024, 100_000])
def test_every_form_is_read_as_the_same_text(form: str, piece: int) -> None:
    text, reading = read(FORMS[form], piece)
    assert text == PLAIN
    assert reading.is_rewritten
    assert reading.digest == read(PLAIN.encode())[1].raw.hexdigest()
    assert reading.size == len(PLAIN.encode())


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_one_dataset_and_trained_from_alike(form: str) -> None:
    stations = Stations()
    stations.has_pipeline()
    stations.drop("digits/train/plain.csv", PLAIN)
    stations.clock.pass_(1)
    name = "digits/train/other.csv" + (".gz" if "zip" in form else "")
    stations.data.write(name, FORMS[form])
    stations.admission.admit(name)
    assert len(stations.ledger.runs("digits")) == 1, stations.uploads()
    other = Stations()
    other.has_pipeline()
    other.data.write(name, FORMS[form])
    other.admission.admit(name)
    [upload] = other.uploads()
    run = other.ledger.run("digits", str(upload["run_id"]))
    assert [item.key.rsplit("/", 1)[1] for item in other.artifacts.list(f"{run.snapshot}data/")] == [
        name.rsplit("/", 1)[1]
    ]
    schema = other.prepare_dataset.prepare(run)["schema"]
    assert other.snapshots.contract(schema).names == ("Größe", "b")


def test_plain_files_are_copied_as_they_are() -> None:
    for body in (PLAIN, PLAIN.replace("\n", "\r\n"), "\ufeff" + PLAIN):
        assert not read(body.encode())[1].is_rewritten


@pytest.mark.parametrize(
    ("field", "number"),
    [
        ("1,5", "1.5"),
        ("-0,25", "-0.25"),
        ("1.234,5", "1234.5"),
        ("1.234.567,0", "1234567.0"),
        ("2,5e-3", "2.5e-3"),
    ],
)
def test_decimal_commas(field: str, number: str) -> None:
    assert read(f"a;y\n{field};1\n".encode())[0] == f"a,y\n{number},1\n"


def test_separated_thousands_beside_decimal_points() -> None:
    assert read(b"a;y\n1,234.5;0\n1,234;1\n12,345,678;1\n")[0] == "a,y\n1234.5,0\n1234,1\n12345678,1\n"


@pytest.mark.parametrize("rows", ["1,5;0\n1.5;1\n", "1.5;0\n1,55;1\n", "1,234;0\n1,234.5;1\n"])
def test_points_and_commas_in_one_file_are_refused(rows: str) -> None:
    with pytest.raises(
        InvalidDatasetError, match=r"w.csv: row 3: there are decimal points and decimal commas"
    ):
        read(f"a;y\n{rows}".encode())


def test_a_comma_in_a_field_is_quoted() -> None:
    assert read(b'a;"b; c";y\nx, y;"1;2";0\n')[0] == 'a,b; c,y\n"x, y",1;2,0\n'


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (packed(PLAIN.encode())[:-20], "the gzip archive ends too early"),
        (packed(PLAIN.encode())[:40] + b"\xff" * 50, "the gzip archive is damaged"),
        (b"PAR1\x15\x04\x15\xff\xfe", "the Parquet file is damaged, or cut off"),
        (b"PK\x03\x04\x14\x00\xff\xfe", "an Excel workbook; save the sheet as CSV"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "the zstd archive ends too early"),
    ],
    ids=["cut off", "damaged", "Parquet", "Excel", "zstd"],
)
def test_what_is_no_text_is_told(body: bytes, says: str) -> None:
    with pytest.raises(InvalidDatasetError, match=says):
        read(body)


def test_an_archive_that_unfolds_into_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchyard.core.data.size_limits.MAX_UNPACKED", 1_500_000)
    with pytest.raises(InvalidDatasetError, match="over 1500000 bytes when it is unpacked"):
        read(packed(b"a,y\n" + b"1,0\n" * 4_000_000))


@pytest.mark.parametrize("pack", [packed, zstd.compress])
def test_an_archive_that_unfolds_as_no_table_does_is_refused_before_a_row_is_read(
    pack: Callable[[bytes], bytes],
) -> None:
    body = pack(b"a,y\n" + b"1,0\n" * 4_000_000)
    lines = Reading("w.csv", iter([body]), EngineForms()).lines()
    with pytest.raises(InvalidDatasetError, match="unfolds to over 100 times its size"):
        next(lines)


@given(st.binary(max_size=200))
@example(b"\t\n\r\0")
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read(body, 7)
    except InvalidDatasetError as error:
        refused = str(error)
    else:
        refused = "w.csv: not at all"
    assert refused.startswith("w.csv: ")

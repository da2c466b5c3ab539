"""Parquet as lines of CSV: every type of column is right, or refused with its name and what to do."""

import csv
import subprocess
import sys
import zlib
from base64 import b64decode
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switchyard.core.errors import InvalidDatasetError
from switchyard.engine.table_files import EngineForms
from tests.engine.tables import parquet


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(EngineForms().parquet("w.parquet", str(path))))


def read(tmp_path: Path, query: str, options: str = "") -> list[list[str]]:
    parquet(tmp_path / "w.parquet", query, options)
    return rows_of(tmp_path / "w.parquet")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1::TINYINT", "1"),
        ("18446744073709551615::UBIGINT", "18446744073709551615"),
        ("0.1::FLOAT", "0.1"),
        ("1e-7::DOUBLE", "1e-07"),
        ("37::DOUBLE", "37.0"),
        ("'nan'::DOUBLE", "nan"),
        ("'-inf'::DOUBLE", "-inf"),
        ("12345678901234567890.5::DECIMAL(38,2)", "12345678901234567890.50"),
        ("true", "true"),
        ("false", "false"),
        ("'admin.'", "admin."),
        ("'Grüße, \"x\"' || chr(13) || chr(10) || 'y'", 'Grüße, "x"\r\ny'),
        ("'a'::ENUM('a', 'b')", "a"),
        ("'8f14e45f-ceea-467f-a0f6-1b2f3c4d5e6f'::UUID", "8f14e45f-ceea-467f-a0f6-1b2f3c4d5e6f"),
        ("DATE '2026-11-29'", "2026-11-29"),
        ("TIMESTAMP '2026-11-29 06:00:00'", "2026-11-29T06:00:00Z"),
        ("TIMESTAMP_MS '2026-11-29 06:00:00.25'", "2026-11-29T06:00:00.25Z"),
        ("TIMESTAMP_NS '2026-11-29 06:00:00.123456789'", "2026-11-29T06:00:00.123456789Z"),
        ("TIMESTAMPTZ '2026-11-29 06:00:00+05:30'", "2026-11-29T00:30:00Z"),
        ("TIME '06:00:00'", "06:00:00"),
        ("NULL", ""),
        ("NULL::DOUBLE", ""),
        ("NULL::VARCHAR", ""),
        ("NULL::TIMESTAMP", ""),
        ("NULL::BOOLEAN", ""),
        ("''", ""),
    ],
)
def test_a_value_of_each_type(tmp_path: Path, value: str, text: str) -> None:
    assert read(tmp_path, f"SELECT {value} AS a, 1 AS y") == [["a", "y"], [text, "1"]]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("[1, 2]", "nested; write a column for each of its values"),
        ("{'x': 1, 'y': {'z': 2}}", "nested"),
        ("MAP {'x': 1}", "nested"),
        ("[1, 2]::INTEGER[2]", "nested"),
        ("['a']", "nested"),
        ("'x'::BLOB", "binary; write it as text"),
        ("TIMETZ '01:00:00+01'", "a time of day; write it as a number"),
        ("INTERVAL 3 DAYS", "a span of time; write it as a number"),
    ],
)
def test_a_column_that_is_none_of_a_table_is_refused(tmp_path: Path, value: str, what: str) -> None:
    with pytest.raises(InvalidDatasetError, match=rf"^w.parquet: column 2, 'b', is {what}"):
        read(tmp_path, f"SELECT 1 AS a, {value} AS b, {value} AS c")


def test_names_of_columns_are_those_of_the_file(tmp_path: Path) -> None:
    query = """SELECT 1 AS "a,b", 2 AS "q""t", 3 AS "Größe", 4 AS "' || x", 5 AS "t.c0" """
    assert read(tmp_path, query)[0] == ["a,b", 'q"t', "Größe", "' || x", "t.c0"]


def test_a_name_that_occurs_twice_is_told_as_it_stands(tmp_path: Path) -> None:
    """DuckDB cannot write such a file, other tools do: the name is put into the file's own footer."""
    body = parquet(tmp_path / "w.parquet", "SELECT 1 AS aaa, 2 AS bbb, 3 AS y")
    (tmp_path / "w.parquet").write_bytes(body.replace(b"bbb", b"aaa"))
    assert rows_of(tmp_path / "w.parquet") == [["aaa", "aaa", "y"], ["1", "2", "3"]]


def test_names_that_differ_in_case_alone_are_two(tmp_path: Path) -> None:
    body = parquet(tmp_path / "w.parquet", "SELECT 1 AS aaa, 2 AS bbb")
    (tmp_path / "w.parquet").write_bytes(body.replace(b"bbb", b"AAA"))
    assert rows_of(tmp_path / "w.parquet") == [["aaa", "AAA"], ["1", "2"]]


def test_no_rows_are_a_header(tmp_path: Path) -> None:
    assert read(tmp_path, "SELECT 1 AS a, 2 AS y WHERE false") == [["a", "y"]]


def test_a_missing_value_in_the_only_column_is_a_row(tmp_path: Path) -> None:
    assert read(tmp_path, "SELECT unnest([1, NULL, 2]) AS y") == [["y"], ["1"], [""], ["2"]]


@pytest.mark.parametrize("codec", ["snappy", "gzip", "zstd", "lz4_raw", "brotli", "uncompressed"])
def test_every_codec(tmp_path: Path, codec: str) -> None:
    found = read(tmp_path, "SELECT range AS a, range % 2 AS y FROM range(5000)", f", COMPRESSION {codec}")
    assert found[1:] == [[str(n), str(n % 2)] for n in range(5000)]


def test_rows_keep_their_order_over_groups(tmp_path: Path) -> None:
    found = read(tmp_path, "SELECT range AS a FROM range(50000)", ", ROW_GROUP_SIZE 2048")
    assert [row[0] for row in found[1:]] == [str(n) for n in range(50000)]


def test_five_thousand_columns(tmp_path: Path) -> None:
    query = ", ".join(f"{n} AS c{n}" for n in range(5000))
    assert read(tmp_path, f"SELECT {query}")[1] == [str(n) for n in range(5000)]


def test_an_encrypted_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "w.parquet"
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET force_mbedtls_unsafe = true")  # DuckDB's own cipher will do for a test
        connection.execute("PRAGMA add_parquet_key('k', '0123456789112345')")
        connection.execute(
            f"COPY (SELECT 1 AS a) TO '{path}' (FORMAT parquet, ENCRYPTION_CONFIG {{footer_key: 'k'}})"
        )
    with pytest.raises(
        InvalidDatasetError, match=r"w.parquet: the Parquet file is encrypted; write it without"
    ):
        rows_of(path)


@given(st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_read_or_refused_in_words(tmp_path: Path, data: st.DataObject) -> None:
    """Never the name of an exception, of a type of DuckDB's, or a path of this machine's."""
    query = "SELECT range AS a, 'x' || range AS s, range % 2 AS y FROM range(3000)"
    path = tmp_path / "w.parquet"
    body = bytearray(
        (tmp_path / "kept").read_bytes() if (tmp_path / "kept").exists() else parquet(path, query)
    )
    (tmp_path / "kept").write_bytes(body)
    at = data.draw(st.integers(4, len(body) - 1))
    if data.draw(st.booleans()):
        body[at] ^= data.draw(st.integers(1, 255))
    else:
        del body[at:]
    path.write_bytes(body)
    try:
        rows_of(path)
    except InvalidDatasetError as error:
        refused = str(error)
    else:
        refused = "w.parquet: not at all"
    assert refused.startswith("w.parquet: ")
    assert not any(word in refused for word in (str(tmp_path), "Error", "Exception", "VARCHAR"))


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        pytest.param(
            "random() AS a, random() AS b, random() AS c, range % 2 AS y", 1_000_000, id="60 MB as CSV"
        ),
        pytest.param(", ".join(f"random() * {at} AS c{at}" for at in range(800)), 20_000, id="wide"),
    ],
)
def test_a_large_file_is_read_within_bounds(tmp_path: Path, columns: str, rows: int) -> None:
    path = tmp_path / "w.parquet"
    parquet(path, f"SELECT {columns} FROM range({rows})")  # noqa: S608
    read_it = (
        "from pathlib import Path\nfrom switchyard.engine.table_files import EngineForms\n"
        f"print(sum(1 for _ in EngineForms().parquet('w', {str(path)!r})))\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", read_it],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "functions"},
    )
    found, peak = (int(line) for line in done.stdout.split())
    assert found == rows + 1
    assert peak < 300 * 1024  # KiB


def test_columns_that_are_read_one_after_the_other_are_the_same_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = (
        "SELECT 'a, \"' || range || chr(10) AS s, range AS n, NULL AS e, 'ß' || range AS t, range % 2 AS y "
        "FROM range(3000)"
    )
    whole = read(tmp_path, query, ", ROW_GROUP_SIZE 2048")
    monkeypatch.setattr("switchyard.engine.parquet_lines.MOST_AT_ONCE", 1)
    assert rows_of(tmp_path / "w.parquet") == whole
    assert len(whole) == 3001


def test_a_wide_file_without_rows_has_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchyard.engine.parquet_lines.MOST_AT_ONCE", 1)
    assert read(tmp_path, "SELECT 1 AS a, 'x' AS s WHERE false") == [["a", "s"]]


def test_nothing_but_the_file_can_be_reached(tmp_path: Path) -> None:
    """A file is data: what DuckDB could be asked for beside it is locked."""
    from switchyard.engine.bounded_connection import confined

    other = tmp_path / "other.parquet"
    parquet(other, "SELECT 1 AS a")
    with confined(str(tmp_path / "w.parquet")) as connection:
        for query in (
            f"FROM read_parquet('{other}')",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            "FROM read_parquet('https://example.com/w.parquet')",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(query)


def test_an_encoding_that_is_not_read_is_no_damage(tmp_path: Path) -> None:
    """Whole numbers by BYTE_STREAM_SPLIT, as pyarrow writes them on demand."""
    packed = (
        "eNoLcAwyFGUQ1RHV0RFlERUSZRNlk2FgYGACYhZGBkYGFIBTISMTmkIWSRtTBgm24uSM1NxEURaggCqTBGMllE5kEGORlJHUUWOQAapUZROSBMqJ"
        "AgXFgsSC1Dg8ZYAWCYkyMdhoskmqMbAADURWmQhXGYVFpdgSRjEWNQ4gxaChUJBYVFiaWqKbXFCgm1hUlF+uUJZaVJyZn6dgZKpnoGcoqQP0A8gb"
        "G4E4ABgUAKcGINA="
    )
    (tmp_path / "w.parquet").write_bytes(zlib.decompress(b64decode(packed)))
    with pytest.raises(InvalidDatasetError, match="packed in a way that is not read"):
        rows_of(tmp_path / "w.parquet")

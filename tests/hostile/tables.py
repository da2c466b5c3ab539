"""Files that are to be tables: each is dropped under train/ of a new model, of a live one, or under batch/."""

import json
import random
import struct
from collections.abc import Callable

from switchyard.engine.zstd_frame import zstd
from tests.hostile.bodies import (
    MIB,
    Body,
    cut,
    flipped,
    footer,
    growing,
    json_lines,
    late_damage,
    late_flipped,
    of,
    packed,
    sound,
    utf16,
    widened,
    with_header,
    with_row,
    written,
    zipped,
    zipped_bomb,
    zstd_bomb,
)
from tests.hostile.case import Book
from tests.hostile.stage import LIVE, NEW
from tests.hostile.uploads import EITHER, REFUSED, SECRET, SECRET_NUMBER, TAKEN, Upload, Uploaded

PLACES = (f"{NEW}/train", f"{LIVE}/train", f"{LIVE}/batch")

MANY = ",".join(f"c{n}" for n in range(16_000))
PLAIN = "SELECT i::DOUBLE / 7 AS a, i AS b, i % 2 AS y FROM range(90) t(i)"
FUZZ = "SELECT i::DOUBLE / 7 AS a, 'w' || (i % 7) AS b, i % 2 AS y FROM range(400) t(i)"

# Name of the recipe: (how the file is called, its body, how it may end).
CSV: dict[str, tuple[str, Body, frozenset[str]]] = {
    "empty": ("w.csv", of(b""), REFUSED),
    "byte order mark alone": ("w.csv", of(b"\xef\xbb\xbf"), REFUSED),
    "white space alone": ("w.csv", of(b" \n\t\n \r\n"), REFUSED),
    "a line feed": ("w.csv", of(b"\n"), REFUSED),
    "header alone": ("w.csv", of(b"a,b,y\n"), REFUSED),
    "header without an end": ("w.csv", of(b"a,b,y"), REFUSED),
    "carriage returns alone": ("w.csv", lambda draw: sound(draw).replace(b"\n", b"\r"), TAKEN),
    "mixed line ends": ("w.csv", lambda draw: sound(draw).replace(b"\n", b"\r\n", 20), TAKEN),
    "a row too long": ("w.csv", with_row("1,2,0,4"), REFUSED),
    "a row too short": ("w.csv", with_row("1"), REFUSED),
    "an open quote": ("w.csv", with_row('"1,2,0'), REFUSED),
    "text behind a quote": ("w.csv", with_row('"1"x,2,0'), REFUSED),
    "a NUL in a number": ("w.csv", with_row(f"{SECRET_NUMBER}\0,2,0"), REFUSED),
    "NULs alone": ("w.csv", of(b"\0" * 5000), REFUSED),
    "a value that is told nowhere": ("w.csv", with_row(f"{SECRET},2,0"), REFUSED),
    "underscores": ("w.csv", with_row("1_000,2,0"), REFUSED),
    "digits of Arabic": ("w.csv", with_row("٣٤,2,0"), REFUSED),
    "digits of full width": ("w.csv", with_row("\uff11\uff12,2,0"), REFUSED),
    "a Roman numeral": ("w.csv", with_row("Ⅷ,2,0"), REFUSED),
    "a fraction sign": ("w.csv", with_row("½,2,0"), REFUSED),
    "a minus that is none": ("w.csv", with_row("\u22125,2,0"), REFUSED),
    "an em space": ("w.csv", with_row("3\u2003,2,0"), REFUSED),
    "beyond 32 bits": ("w.csv", with_row("1e39,2,0"), REFUSED),
    "beyond 64 bits": ("w.csv", with_row("1e400,2,0"), REFUSED),
    "infinity": ("w.csv", with_row("-Infinity,2,0"), REFUSED),
    "hexadecimal": ("w.csv", with_row("0x1p3,2,0"), REFUSED),
    "100,000 digits": ("w.csv", with_row("9" * 100_000 + ",2,0"), REFUSED),
    "100,000 digits and a letter": ("w.csv", with_row("9" * 100_000 + "x,2,0"), REFUSED),
    "100,000 numbers as one": ("w.csv", with_row("[" + "1 " * 60_000 + ",2,0"), REFUSED),
    "a fraction of 100,000 digits": ("w.csv", with_row("0." + "9" * 100_000 + ",2,0"), TAKEN),
    "a field of 200,000 characters": ("w.csv", with_row("x" * 200_000 + ",2,0"), REFUSED),
    "a formula": ("w.csv", with_row("=cmd|'/c calc'!A0,2,0"), REFUSED),
    "the 30th of February": ("w.csv", with_row("2024-02-30,2,0"), REFUSED),
    "a line feed in a field": ("w.csv", with_row('"1\n",2,0'), REFUSED),
    "invalid UTF-8 in the middle of 10 MB": ("w.csv", late_damage, REFUSED),
    "a line of 64 MB": ("w.csv", lambda _: b"a,b,y\n1,2,0\n" + b"1" * (64 * MIB), REFUSED),
    "a header of 64 MB": ("w.csv", lambda _: b"a,b,y" + b"," * (64 * MIB), REFUSED),
    "16,000 columns of nothing": (
        "w.csv",
        of(f"a,b,y,{MANY}\n".encode() + b"1,2,0" + b"," * 16_000 + b"\n"),
        EITHER,
    ),
    "100 rows of 16,000 columns": (
        "w.csv",
        of(
            f"a,b,y,{MANY}\n".encode()
            + b"".join(b"1,2,%d" % (n % 2) + b"," * 16_000 + b"\n" for n in range(100))
        ),
        EITHER,
    ),
    "a million columns": ("w.csv", of(b"a,b,y" + b",c" * 10**6 + b"\n"), REFUSED),
    "a name called .CSV": ("W.CSV", sound, TAKEN),
    "gzip called .csv": ("w.csv", packed(zipped), TAKEN),
    "a zip archive": ("w.csv", of(b"PK\x03\x04" + bytes(range(256)) * 8), REFUSED),
    "a picture": ("w.csv", of(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8), REFUSED),
    "UTF-16": ("w.csv", utf16("utf-16"), TAKEN),
    "UTF-16 without its mark": ("w.csv", utf16("utf-16-be"), TAKEN),
    "UTF-16 that ends in half a sign": (
        "w.csv",
        lambda draw: sound(draw).decode().encode("utf-16") + b"1",
        REFUSED,
    ),
    "UTF-16 with half a pair": (
        "w.csv",
        lambda draw: sound(draw).decode().encode("utf-16") + b"\x00\xd8\x31\x00",
        REFUSED,
    ),
    "UTF-32": ("w.csv", utf16("utf-32"), TAKEN),
    "UTF-7": ("w.csv", of(b"+AGE,+AGI,+AHk\n1,2,0\n"), REFUSED),
    "EBCDIC": ("w.csv", utf16("cp037"), REFUSED),
    "semicolons and both marks": ("w.csv", of(b"a;b;y\n1,5;2;0\n1.5;2;1\n2,5;3;1\n"), REFUSED),
    "tabs": ("w.tsv", lambda draw: sound(draw).replace(b",", b"\t"), TAKEN),
    "a web page": ("w.csv", of(b"<!doctype html><html><body>404</body></html>\n"), REFUSED),
    "random bytes": ("w.csv", lambda draw: draw.randbytes(draw.randrange(1, 50_000)), REFUSED),
    "no table by its name": ("w.xlsx", sound, EITHER),
}
HEADERS: dict[str, tuple[str, Body, frozenset[str]]] = {
    "a column twice": ("w.csv", with_header("a,a,y"), REFUSED),
    "a column twice with a blank": ("w.csv", with_header("a, a,y"), REFUSED),
    "columns in capitals": ("w.csv", with_header("A,B,Y"), REFUSED),
    "a column of 100,000 digits and a letter": ("w.csv", with_header(f"a,{'9' * 100_000}x,z"), REFUSED),
    "a column without a name": ("w.csv", with_header("a,,y"), EITHER),
    "a column of 129 characters": ("w.csv", with_header(f"a,{'b' * 129},y"), REFUSED),
    "a column that turns the line round": ("w.csv", with_header("a,b\u202egnp,y"), REFUSED),
    "a column that clears the screen": ("w.csv", with_header("a,b\x1b[2J,y"), REFUSED),
    "a column with a NUL": ("w.csv", with_header("a,b\0,y"), REFUSED),
    "a column that is markup": ("w.csv", with_header("a,<script>alert(1)</script>,y"), EITHER),
    "a column that is a formula": ("w.csv", with_header("a,=1+1,y"), EITHER),
    "no target": ("w.csv", with_header("a,b,z"), EITHER),
    "the target alone": ("w.csv", of(b"y\n0\n1\n"), REFUSED),
    "a header of numbers": ("w.csv", with_header("1,2,3"), REFUSED),
    "an open quote in the header": ("w.csv", with_header('a,"b,y'), REFUSED),
}
PACKED: dict[str, tuple[str, Body, frozenset[str]]] = {
    "gzip of nothing": ("w.csv.gz", of(zipped(b"")), REFUSED),
    "gzip of many members": (
        "w.csv.gz",
        lambda draw: b"".join(zipped(part) for part in sound(draw).splitlines(True)),
        TAKEN,
    ),
    "gzip of 100,000 empty members": (
        "w.csv.gz",
        lambda draw: zipped(sound(draw)) + zipped(b"") * 100_000,
        EITHER,
    ),
    "gzip that ends too early": ("w.csv.gz", cut(packed(zipped)), REFUSED),
    "gzip with a wrong checksum": ("w.csv.gz", lambda draw: zipped(sound(draw))[:-8] + b"\0" * 8, REFUSED),
    "gzip with rubbish behind": ("w.csv.gz", lambda draw: zipped(sound(draw)) + b"rubbish" * 20, REFUSED),
    "gzip in gzip": ("w.csv.gz", packed(lambda body: zipped(zipped(body))), REFUSED),
    "gzip that is none": ("w.csv.gz", sound, TAKEN),
    "damaged gzip": ("w.csv.gz", flipped(packed(zipped)), EITHER),
    "a gzip bomb of rows": ("w.csv.gz", zipped_bomb(b"1,2,0\n"), REFUSED),
    "a gzip bomb of zeros": ("w.csv.gz", zipped_bomb(b"\0"), REFUSED),
    "a gzip bomb of line feeds": ("w.csv.gz", zipped_bomb(b"\n"), REFUSED),
    "a gzip bomb of commas": ("w.csv.gz", zipped_bomb(b","), REFUSED),
    "a gzip bomb of JSON": ("w.jsonl.gz", zipped_bomb(b'{"a":1,"b":2,"y":1}\n'), REFUSED),
    "zstd that ends too early": ("w.csv.zst", cut(packed(zstd.compress)), REFUSED),
    "zstd of many frames": (
        "w.csv.zst",
        lambda draw: b"".join(zstd.compress(part) for part in sound(draw).splitlines(True)),
        TAKEN,
    ),
    "zstd of skipped frames alone": (
        "w.csv.zst",
        of((b"\x50\x2a\x4d\x18" + struct.pack("<I", 4) + b"skip") * 50),
        REFUSED,
    ),
    "a skipped zstd frame of 4 GB": (
        "w.csv.zst",
        of(b"\x50\x2a\x4d\x18\xff\xff\xff\xff" + b"x" * 5000),
        REFUSED,
    ),
    "damaged zstd": ("w.csv.zst", flipped(packed(zstd.compress)), EITHER),
    "a zstd bomb of rows": ("w.csv.zst", zstd_bomb(b"1,2,0\n"), REFUSED),
    "a zstd bomb of zeros": ("w.csv.zst", zstd_bomb(b"\0"), REFUSED),
    "zstd with a window of 2 GB": ("w.csv.zst", of(b"\x28\xb5\x2f\xfd\x00\xa8" + b"\0" * 200), REFUSED),
    "bzip2": ("w.csv", of(b"BZh91AY&SY" + bytes(range(256))), REFUSED),
}
PARQUET: dict[str, tuple[str, Body, frozenset[str]]] = {
    "sound Parquet": ("w.parquet", written(PLAIN), TAKEN),
    "Parquet called .csv": ("w.csv", written(PLAIN), TAKEN),
    "Parquet in gzip": ("w.parquet.gz", packed(zipped, written(PLAIN)), TAKEN),
    "CSV called .parquet": ("w.parquet", sound, REFUSED),
    "Parquet that ends too early": ("w.parquet", cut(written(PLAIN)), REFUSED),
    "Parquet of four bytes": ("w.parquet", of(b"PAR1"), REFUSED),
    "Parquet of two marks": ("w.parquet", of(b"PAR1PAR1"), REFUSED),
    "a footer of 4 GB": ("w.parquet", footer(2**32 - 1), REFUSED),
    "a footer of noise": ("w.parquet", footer(190), REFUSED),
    "encrypted Parquet": ("w.parquet", of(b"PARE" + b"\1" * 64 + b"PARE"), REFUSED),
    "damaged Parquet": ("w.parquet", flipped(written(FUZZ, ", COMPRESSION uncompressed")), EITHER),
    "a damaged footer": ("w.parquet", late_flipped(written(FUZZ)), EITHER),
    "nested Parquet": (
        "w.parquet",
        written("SELECT {'k': i} AS a, i AS b, i % 2 AS y FROM range(60) t(i)"),
        EITHER,
    ),
    "a list in Parquet": (
        "w.parquet",
        written("SELECT [i] AS a, i AS b, i % 2 AS y FROM range(60) t(i)"),
        EITHER,
    ),
    "bytes in Parquet": (
        "w.parquet",
        written("SELECT 'x'::BLOB AS a, i AS b, i % 2 AS y FROM range(60) t(i)"),
        EITHER,
    ),
    "not a number in Parquet": (
        "w.parquet",
        written("SELECT 'nan'::DOUBLE AS a, i AS b, i % 2 AS y FROM range(60) t(i)"),
        EITHER,
    ),
    "infinity in Parquet": (
        "w.parquet",
        written("SELECT 'inf'::DOUBLE AS a, i AS b, i % 2 AS y FROM range(60) t(i)"),
        REFUSED,
    ),
    "Parquet without rows": ("w.parquet", written(f"{PLAIN} WHERE i < 0"), REFUSED),
    "Parquet of one column": ("w.parquet", written("SELECT i % 2 AS y FROM range(60) t(i)"), REFUSED),
    "a Parquet bomb of rows": (
        "w.parquet",
        written("SELECT 1 AS a, 2 AS b, (i < 9)::INT AS y FROM range(50000000) t(i)"),
        REFUSED,
    ),
    "a Parquet bomb of one text": (
        "w.parquet",
        written("SELECT repeat('x', 100000000) AS a, 1 AS b, 1 AS y", ", COMPRESSION zstd"),
        REFUSED,
    ),
    "a Parquet bomb of texts": (
        "w.parquet",
        written(
            "SELECT repeat('x', 100000) AS a, i AS b, i % 2 AS y FROM range(5000) t(i)", ", COMPRESSION zstd"
        ),
        REFUSED,
    ),
    "Parquet of 17,000 columns": (
        "w.parquet",
        written("SELECT " + ", ".join(f"1 AS c{n}" for n in range(17_000)) + ", 1 AS a, 2 AS b, 0 AS y"),
        REFUSED,
    ),
}
DEEP = "[" * 100_000
JSON: dict[str, tuple[str, Body, frozenset[str]]] = {
    "NaN in JSON": ("w.jsonl", json_lines('{"a": NaN, "b": 1, "y": 1}'), TAKEN),
    "Infinity in JSON": ("w.jsonl", json_lines('{"a": -Infinity, "b": 1, "y": 1}'), REFUSED),
    "a key twice": ("w.jsonl", json_lines(f'{{"a": 1, "a": "{SECRET}", "b": 1, "y": 1}}'), REFUSED),
    "nested JSON": ("w.jsonl", json_lines({"a": {"b": SECRET}, "b": 1, "y": 0}), REFUSED),
    "JSON 100,000 deep": ("w.jsonl", json_lines(DEEP), REFUSED),
    "an object 100,000 deep": ("w.jsonl", json_lines('{"a":' * 100_000), REFUSED),
    "an integer of 5,000 digits": (
        "w.jsonl",
        json_lines('{"a": ' + "9" * 5000 + ', "b": 1, "y": 1}'),
        REFUSED,
    ),
    "a number of 1e999": ("w.jsonl", json_lines('{"a": 1e999, "b": 1, "y": 1}'), REFUSED),
    "half a surrogate pair": ("w.jsonl", json_lines('{"a": "\\ud800", "b": 1, "y": 1}'), REFUSED),
    "a NUL in JSON": ("w.jsonl", json_lines('{"a": "\\u0000", "b": 1, "y": 1}'), REFUSED),
    "a key with a NUL": ("w.jsonl", json_lines('{"a\\u0000": 1, "b": 1, "y": 1}'), EITHER),
    "an empty key": ("w.jsonl", json_lines('{"": 1, "b": 1, "y": 1}'), EITHER),
    "a key of a megabyte": ("w.jsonl", json_lines({"k" * MIB: 1, "b": 1, "y": 1}), EITHER),
    "a list as a row": ("w.jsonl", json_lines([1, 2, 3]), REFUSED),
    "a number as a row": ("w.jsonl", json_lines("17"), REFUSED),
    "null as a row": ("w.jsonl", json_lines("null"), REFUSED),
    "JSON over several lines": (
        "w.json",
        lambda _: json.dumps([{"a": 1, "y": 0}], indent=1).encode(),
        REFUSED,
    ),
    "one list of all rows": (
        "w.json",
        lambda _: json.dumps([{"a": n, "b": n, "y": n % 2} for n in range(50)]).encode(),
        TAKEN,
    ),
    "cut JSON": ("w.jsonl", lambda draw: json_lines()(draw)[:-9], REFUSED),
    "JSON of nothing": ("w.jsonl", of(b"\n \n"), REFUSED),
    "empty objects": ("w.jsonl", of(b"{}\n" * 50), REFUSED),
    "17,000 keys": ("w.jsonl", widened(17_000, 3), REFUSED),
    "wide first, then nothing": ("w.jsonl", widened(16_000, 200_000), REFUSED),
    "a new key in every row": ("w.jsonl", growing(16_000), REFUSED),
    "JSON in UTF-16": ("w.jsonl", lambda draw: json_lines()(draw).decode().encode("utf-16"), TAKEN),
    "JSON that is no UTF-8": ("w.jsonl", lambda draw: json_lines()(draw) + b'\n{"a": "\xff"}\n', REFUSED),
}


def fill(book: Book) -> None:
    for chapter, recipes in {
        "csv": CSV,
        "header": HEADERS,
        "packed": PACKED,
        "parquet": PARQUET,
        "json": JSON,
    }.items():
        for name, (file, body, ends) in recipes.items():
            for place in PLACES:
                book.add(f"{place} {chapter}: {name}", recipe(place, file, body, ends))


def recipe(place: str, file: str, body: Body, ends: frozenset[str]) -> Callable[[random.Random], Uploaded]:
    return lambda draw: Uploaded((Upload(f"{place}/{file}", body(draw)),), ends, file)

"""Folders with markers and manifests, under train/ and under batch/."""

import hashlib
import json
import random
from collections.abc import Callable
from typing import Any

from tests.hostile.bodies import sound
from tests.hostile.case import Book
from tests.hostile.stage import LIVE, NEW
from tests.hostile.uploads import EITHER, REFUSED, SECRET, TAKEN, WAITS, Upload, Uploaded

PENDING = frozenset({WAITS})
ANY = EITHER | PENDING
PLACES = (f"{NEW}/train", f"{LIVE}/train", f"{LIVE}/batch")
Manifest = Callable[[bytes], bytes]


def entry(name: object, body: bytes, **others: Any) -> dict[str, Any]:
    return {"name": name, "size": len(body), "sha256": hashlib.sha256(body).hexdigest(), **others}


def listing(*entries: object, **others: Any) -> bytes:
    return json.dumps({"files": list(entries), **others}).encode()


def naming(*names: str) -> Manifest:
    """Beside the file that is there, these."""
    return lambda body: listing(entry("a.csv", body), *(entry(name, body) for name in names))


def changed(**others: object) -> Manifest:
    return lambda body: listing({**entry("a.csv", body), **others})


def fixed(manifest: bytes | str) -> Manifest:
    return lambda _: manifest.encode() if isinstance(manifest, str) else manifest


DEEP = "[" * 100_000
MANIFESTS: dict[str, tuple[Manifest, frozenset[str]]] = {
    "sound": (naming(), TAKEN),
    "nested 100,000 deep": (fixed(DEEP), REFUSED),
    "objects 100,000 deep": (fixed('{"files":' * 100_000), REFUSED),
    "empty": (fixed(""), REFUSED),
    "no JSON": (fixed(f"name,size\n{SECRET},1\n"), REFUSED),
    "UTF-16": (lambda body: naming()(body).decode().encode("utf-16"), EITHER),
    "no UTF-8": (fixed(b'{"files": [{"name": "\xff"}]}'), REFUSED),
    "a list": (fixed("[1]"), REFUSED),
    "a text": (fixed('"files"'), REFUSED),
    "null": (fixed("null"), REFUSED),
    "no files": (fixed('{"files": []}'), REFUSED),
    "files as an object": (fixed('{"files": {"a.csv": 1}}'), REFUSED),
    "files that are numbers": (fixed('{"files": [1]}'), REFUSED),
    "files of null": (fixed('{"files": [null]}'), REFUSED),
    "a size of 1e400": (changed(size=float("inf")), REFUSED),
    "a size that is not a number": (changed(size=float("nan")), REFUSED),
    "a size of 5,000 digits": (
        fixed('{"files":[{"name":"a.csv","size":' + "9" * 5000 + ',"sha256":"x"}]}'),
        REFUSED,
    ),
    "a size below zero": (changed(size=-1), REFUSED),
    "a size as a text": (changed(size="311"), REFUSED),
    "a size that is true": (changed(size=True), REFUSED),
    "another size": (changed(size=1), REFUSED),
    "another digest": (changed(sha256="0" * 64), REFUSED),
    "a digest in capitals": (
        lambda body: listing(entry("a.csv", body, sha256=hashlib.sha256(body).hexdigest().upper())),
        TAKEN,
    ),
    "a digest of md5": (changed(sha256="d41d8cd98f00b204e9800998ecf8427e"), REFUSED),
    "a digest that is a list": (changed(sha256=[1]), REFUSED),
    "a digest in digits of Arabic": (changed(sha256="٣" * 64), REFUSED),
    "a name that is a number": (changed(name=7), REFUSED),
    "a name that is empty": (changed(name=""), REFUSED),
    "a name with a NUL": (changed(name="a.csv\0"), ANY),
    "a name with an escape": (naming("\x1b[2J\x1b]0;x\x07.csv"), ANY),
    "a name that is half a pair": (changed(name="\ud800.csv"), ANY),
    "a name of 5,000 characters": (naming("x" * 5000), ANY),
    "names itself": (naming("manifest.json"), ANY),
    "names the marker": (naming("_SUCCESS"), ANY),
    "climbs": (naming("../../digits/holdout/holdout.csv"), REFUSED),
    "an absolute name": (naming("/etc/passwd"), REFUSED),
    "another bucket": (naming("s3://elsewhere/secret.csv"), ANY),
    "another address": (naming("https://169.254.169.254/latest/meta-data"), ANY),
    "the same file twice": (naming("a.csv"), EITHER),
    "the same file with a dot": (naming("./a.csv"), EITHER),
    "a file that never comes": (naming("b.csv"), PENDING),
    "the files twice": (lambda body: b'{"files": [], ' + listing(entry("a.csv", body))[1:], EITHER),
    "100,000 files": (
        lambda _: listing(*({"name": f"{n}.csv", "size": 1, "sha256": "0" * 64} for n in range(100_000))),
        PENDING,
    ),
    "a million files": (lambda _: b'{"files": [' + b'{"name":"a","size":1},' * 10**6 + b"{}]}", REFUSED),
    "64 MB of blanks": (lambda _: b" " * (64 * 1024**2), REFUSED),
    "more than is asked for": (lambda body: listing(entry("a.csv", body, owner=DEEP), version=7), TAKEN),
}


def fill(book: Book) -> None:
    for place in PLACES:
        for name, (manifest, ends) in MANIFESTS.items():
            book.add(f"{place} manifest: {name}", closed_by(place, "manifest.json", manifest, ends))
        book.add(f"{place} marker: with content", closed_by(place, "_SUCCESS", fixed(DEEP), TAKEN))
        book.add(f"{place} marker: alone", alone(place, "_SUCCESS", PENDING))
        book.add(f"{place} marker: manifest alone", alone(place, "manifest.json", PENDING))
        book.add(f"{place} folder: of leftovers", leftovers(place))
        book.add(f"{place} folder: one bad file of many", one_bad(place))
        book.add(f"{place} folder: other columns in the second", other_columns(place))
        book.add(f"{place} folder: names that climb", climbing(place))
        book.add(f"{place} folder: 60 files that are one", many(place))


def closed_by(
    place: str, marker: str, manifest: Manifest, ends: frozenset[str]
) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        folder, body = f"{place}/v{draw.randrange(1000)}", sound(draw)
        uploads = Upload(f"{folder}/a.csv", body), Upload(f"{folder}/{marker}", manifest(body))
        return Uploaded(uploads, ends, "v")

    return made


def alone(place: str, marker: str, ends: frozenset[str]) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        body = b"" if marker == "_SUCCESS" else listing(entry("a.csv", sound(draw)))
        return Uploaded((Upload(f"{place}/v/{marker}", body),), ends)

    return made


def leftovers(place: str) -> Callable[[random.Random], Uploaded]:
    names = (".DS_Store", "_temporary/0/part-0.csv", ".a.csv.crc", "_committed_1", "x_$folder$")

    def made(draw: random.Random) -> Uploaded:
        beside = (Upload(f"{place}/v/{name}", draw.randbytes(50)) for name in names)
        return Uploaded(
            (*beside, Upload(f"{place}/v/a.csv", sound(draw)), Upload(f"{place}/v/_SUCCESS", b"")), TAKEN
        )

    return made


def one_bad(place: str) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        files = [Upload(f"{place}/v/{n}.csv", sound(draw)) for n in range(4)]
        files[draw.randrange(4)] = Upload(f"{place}/v/bad.csv", f"a,b,y\n{SECRET},1,0\n".encode())
        return Uploaded((*files, Upload(f"{place}/v/_SUCCESS", b"")), EITHER)

    return made


def other_columns(place: str) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        second = sound(draw).replace(b"a,b,y", b"a,c,y", 1)
        files = Upload(f"{place}/v/0.csv", sound(draw)), Upload(f"{place}/v/1.csv", second)
        return Uploaded((*files, Upload(f"{place}/v/_SUCCESS", b"")), EITHER)

    return made


def climbing(place: str) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        key = f"{place}/v/../../../digits/holdout/holdout.csv"
        return Uploaded((Upload(key, sound(draw)), Upload(f"{place}/v/_SUCCESS", b"")), REFUSED)

    return made


def many(place: str) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        body = sound(draw)
        files = tuple(Upload(f"{place}/v/{n}.csv", body) for n in range(60))
        return Uploaded((*files, Upload(f"{place}/v/_SUCCESS", b"")), TAKEN)

    return made

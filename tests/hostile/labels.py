"""Label files: a bad line is told and stops no other, neither of this file nor of the next."""

import json
import random
from collections.abc import Callable

from tests.hostile.case import Book
from tests.hostile.stage import LIVE
from tests.hostile.uploads import COUNTED, INVALID, REFUSED, SECRET, Upload, Uploaded

GOOD = '{"inferenceId": "known-1", "label": 1}\n'
MIB = 1024**2
EITHER = frozenset({INVALID, COUNTED})


def line(**parts: object) -> bytes:
    return json.dumps(parts).encode() + b"\n"


FILES: dict[str, bytes | Callable[[], bytes]] = {
    "nested 100,000 deep": b"[" * 100_000 + b"\n",
    "objects 100,000 deep": b'{"label":' * 100_000 + b"\n",
    "a label of 401 digits": b'{"inferenceId": "x", "label": ' + b"1" * 401 + b"}\n",
    "a label of 5,000 digits": b'{"inferenceId": "x", "label": ' + b"1" * 5000 + b"}\n",
    "a label of 1e999": b'{"inferenceId": "x", "label": 1e999}\n',
    "a label that is not a number": b'{"inferenceId": "x", "label": NaN}\n',
    "a label of infinity": b'{"inferenceId": "x", "label": -Infinity}\n',
    "a label with an underscore": line(inferenceId="x", label="1_0"),
    "a label in digits of Arabic": line(inferenceId="x", label="٣"),
    "a label that is a list": line(inferenceId="x", label=[1]),
    "a label that is null": line(inferenceId="x", label=None),
    "a label of a megabyte": line(inferenceId="x", label="z" * MIB),
    "a label of no class": line(inferenceId="x", label=SECRET),
    "an id that nobody knows": line(inferenceId=f"{SECRET}", label=1),
    "50,000 ids that nobody knows": lambda: b"".join(
        line(inferenceId=f"{SECRET}-{n}", label=1) for n in range(50_000)
    ),
    "an id of 1,101 characters": line(inferenceId="x" * 1101, label=1),
    "an id with a tab": line(inferenceId="x\ty", label=1),
    "an id with a line feed": line(inferenceId="x\ny", label=1),
    "an id with a line separator": '{"inferenceId": "x\u2028y", "label": 1}\n'.encode(),
    "an id that turns round": line(inferenceId="x\u202ey", label=1),
    "an id with a NUL": line(inferenceId="x\0", label=1),
    "an id that is half a pair": b'{"inferenceId": "\\ud800", "label": 1}\n',
    "an id that is a number": line(inferenceId=7, label=1),
    "an id that is empty": line(inferenceId="", label=1),
    "an id that climbs": line(inferenceId="../../x#1", label=1),
    "no id": line(label=1),
    "an id twice in a line": b'{"inferenceId": "a", "inferenceId": "b", "label": 1}\n',
    "an id twice with other labels": line(inferenceId="a", label=0) + line(inferenceId="a", label=1),
    "a list": b'["x", 1]\n',
    "a number": b"17\n",
    "null": b"null\n",
    "CSV": b"inferenceId,label\nx,1\n",
    "one object over several lines": json.dumps({"inferenceId": "x", "label": 1}, indent=1).encode(),
    "truth that is null": line(groundTruthData=None, eventMetadata={"eventId": "x"}),
    "truth that is a list": line(groundTruthData=[], eventMetadata=[]),
    "truth without an event": line(groundTruthData={"data": "1"}, eventMetadata=None),
    "UTF-16": GOOD.encode("utf-16"),
    "latin-1": b'{"inferenceId": "\xe4", "label": 1}\n',
    "invalid bytes at the end": GOOD.encode() * 9 + b"\xff\xfe\n" + GOOD.encode(),
    "a byte order mark within": b"\xef\xbb\xbf" + GOOD.encode() + b"\xef\xbb\xbf" + GOOD.encode(),
    "gzip": b"\x1f\x8b\x08" + bytes(range(256)),
    "NULs": b"\0" * 9000,
    "64 MB without an end": lambda: b"1" * (64 * MIB),
    "a row of 64 MB": lambda: b'{"inferenceId": "' + b"x" * (64 * MIB) + b'", "label": 1}\n',
    "200,000 short lines": lambda: b"{}\n" * 200_000,
    "carriage returns": GOOD.encode().replace(b"\n", b"\r") * 5,
    "nothing": b"",
    "line feeds": b"\n" * 1000,
}
OTHER_NAMES = ("w.json", "w.csv", "w.jsonl.gz", "W.JSONL", "w")


def fill(book: Book) -> None:
    for name, body in FILES.items():
        ends = EITHER if name in ("nothing", "line feeds") else REFUSED
        book.add(f"labels: {name}", dropped(f"{LIVE}/labels/w.jsonl", body, ends))
    for name in OTHER_NAMES:
        book.add(f"labels: called {name}", dropped(f"{LIVE}/labels/{name}", GOOD.encode(), REFUSED))
    book.add("labels: of no model", dropped("nobody/labels/w.jsonl", GOOD.encode(), REFUSED))


def dropped(
    key: str, body: bytes | Callable[[], bytes], ends: frozenset[str]
) -> Callable[[random.Random], Uploaded]:
    def made(_: random.Random) -> Uploaded:
        whole = body if isinstance(body, bytes) else body()
        return Uploaded((Upload(key, whole),), ends, key.rsplit("/", 1)[-1])

    return made

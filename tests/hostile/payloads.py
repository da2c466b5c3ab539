"""Requests to the container's server: answered, or refused with a status and a sentence; the next one is answered."""

import asyncio
import json
import random
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from container.numeric_csv import Rows
from container.serving.app import App
from container.serving.connection import Connection, Service
from container.serving.formats import CSV, ENCODERS, JSON, JSON_LINES, Encoder
from container.serving.instances import instances_of_json, instances_of_json_lines
from container.serving.numeric import NumericReader
from container.serving.ports import Engine
from tests.hostile.case import Book
from tests.hostile.stage import Stage
from tests.hostile.uploads import OF_PYTHON, SECRET, SECRET_NUMBER

WIDTH = 3
MIB = 1024**2


class Half:
    """Says 0.5 of every row."""

    def predictor(self, threads: int | None = None) -> "Half":
        return self

    def predict(self, rows: Rows) -> list[list[float]]:
        return [[0.5]] * len(rows)


@dataclass
class Model:
    """What a loaded model is to the application."""

    engine: Engine = field(default_factory=Half)
    reader: NumericReader = field(default_factory=lambda: NumericReader(WIDTH))
    encoders: dict[str, Encoder] = field(default_factory=lambda: dict(ENCODERS))

    @property
    def decoders(self) -> dict[str, Callable[[bytes], Rows]]:
        of_json = self.reader.instances
        return {
            CSV: self.reader.csv,
            JSON: lambda body: of_json(instances_of_json(body)),
            JSON_LINES: lambda body: of_json(instances_of_json_lines(body)),
        }


@dataclass(frozen=True)
class Asked:
    """One request; `status` is what it must be answered with."""

    body: bytes
    status: int = 400
    content_type: bytes = b"text/csv"
    accept: bytes = b"*/*"

    def play(self, stage: Stage) -> Iterator[str]:
        app = App(Model())
        with stage.measured():
            status, said = asyncio.run(answered(app, self.body, self.content_type, self.accept))
        if status != self.status:
            yield f"answered {status}, not {self.status}: {said[:200]}"
        if OF_PYTHON.search(said) or "internal error" in said:
            yield f"what people read: {said[:200]}"
        if SECRET in said + stage.logged() or SECRET_NUMBER in said + stage.logged():
            yield f"a value of the request is told: {said[:200]}"
        status, said = asyncio.run(answered(app, b"1,2,3", b"text/csv", b""))
        if (status, said) != (200, "0.5\n"):
            yield f"the next request is answered {status}: {said[:200]}"


async def answered(app: App, body: bytes, content_type: bytes, accept: bytes) -> tuple[int, str]:
    """One request over a connection of the server's own."""
    ours, theirs = socket.socketpair()
    service = Service(app)
    await asyncio.get_running_loop().connect_accepted_socket(lambda: Connection(service), theirs)
    reader, writer = await asyncio.open_connection(sock=ours)
    head = b"content-type: %b\r\naccept: %b\r\ncontent-length: %d" % (content_type, accept, len(body))
    writer.write(b"POST /invocations HTTP/1.1\r\nhost: localhost\r\n%b\r\n\r\n%b" % (head, body))
    said = (await reader.readuntil(b"\r\n\r\n")).decode()
    answer = await reader.readexactly(int(said.lower().partition("content-length: ")[2].split()[0]))
    writer.close()
    service.aside.shutdown()
    return int(said.split()[1]), answer.decode()


def of_json(*values: object) -> bytes:
    return json.dumps({"instances": [list(values)]}).encode()


REQUESTS: dict[str, Asked] = {
    "nothing": Asked(b""),
    "white space": Asked(b" \n "),
    "a field less": Asked(b"1,2\n"),
    "a field more": Asked(b"1,2,3,4\n"),
    "rows of other widths": Asked(b"1,2,3\n1,2\n"),
    "a secret": Asked(f"1,{SECRET},3".encode()),
    "underscores": Asked(b"1_000,2,3"),
    "digits of Arabic": Asked("٣,2,3".encode()),
    "a NUL": Asked(b"1\0,2,3"),
    "no UTF-8": Asked(b"\xff,2,3"),
    "UTF-16": Asked("1,2,3".encode("utf-16")),
    "beyond 32 bits": Asked(b"1e39,2,3"),
    "beyond 64 bits": Asked(b"1e400,2,3"),
    "infinity": Asked(b"inf,2,3"),
    "100,000 digits": Asked(b"9" * 100_000 + b",2,3"),
    "an open quote": Asked(b'"1,2,3'),
    "a million columns": Asked(b"1," * 10**6 + b"1"),
    "a million empty rows": Asked(b"\n" * 10**6 + b"1"),
    "carriage returns": Asked(b"1,2,3\r1,2,3"),
    "JSON 100,000 deep": Asked(b"[" * 100_000, content_type=b"application/json"),
    "instances 100,000 deep": Asked(b'{"instances":' + b"[" * 100_000, content_type=b"application/json"),
    "objects 100,000 deep": Asked(b'{"instances":' * 100_000, content_type=b"application/json"),
    "JSON of null": Asked(b"null", content_type=b"application/json"),
    "instances of null": Asked(b'{"instances": null}', content_type=b"application/json"),
    "no instances": Asked(b'{"instances": []}', content_type=b"application/json"),
    "an instance of null": Asked(b'{"instances": [null]}', content_type=b"application/json"),
    "an instance that is a number": Asked(b'{"instances": [1, 2, 3]}', content_type=b"application/json"),
    "an instance of names": Asked(b'{"instances": [{"a": 1}]}', content_type=b"application/json"),
    "NaN in JSON": Asked(b'{"instances": [[NaN, 1, 2]]}', content_type=b"application/json"),
    "an integer of 5,000 digits": Asked(
        b'{"instances": [[' + b"9" * 5000 + b", 1, 2]]}", content_type=b"application/json"
    ),
    "an integer of 300 digits": Asked(of_json(10**300, 1, 2), content_type=b"application/json"),
    "an integer of 20 digits": Asked(of_json(10**20, 1, 2), 200, b"application/json"),
    "an integer of 39 digits": Asked(of_json(10**39, 1, 2), content_type=b"application/json"),
    "a boolean": Asked(of_json(True, 1, 2), content_type=b"application/json"),
    "a text in JSON": Asked(of_json(SECRET, 1, 2), content_type=b"application/json"),
    "a list in a row": Asked(of_json([1], 1, 2), content_type=b"application/json"),
    "half a surrogate pair": Asked(b'{"instances": [["\\ud800", 1, 2]]}', content_type=b"application/json"),
    "keys twice": Asked(b'{"instances": [[1,2,3]], "instances": [[1]]}', content_type=b"application/json"),
    "lines of JSON that are none": Asked(b"[1,2,3]\n[1,2", content_type=b"application/jsonlines"),
    "an empty line of JSON": Asked(b"[1,2,3]\n\n[1,2,3]", content_type=b"application/jsonlines"),
    "7 MB": Asked(b"1,2,3\n" * (7 * MIB // 6), 413),
    "6 MB of rows": Asked(b"1,2,3\n" * (6 * MIB // 6), 200),
    "a pickle": Asked(b"\x80\x04.", 415, b"application/x-pickle"),
    "a type of 100,000 characters": Asked(b"1,2,3", 431, b"x" * 100_000),
    "a type with an escape": Asked(b"1,2,3", 400, b"text/\x1b[2J"),
    "a charset of UTF-7": Asked(b"+AGE,2,3", 415, b"text/csv; charset=utf-7"),
    "an answer that nobody gives": Asked(b"1,2,3", 406, b"text/csv", b"image/png"),
    "10,000 answers that nobody gives": Asked(b"1,2,3", 406, b"text/csv", b"a/b," * 10_000),
}


def fill(book: Book) -> None:
    for name, request in REQUESTS.items():
        book.add(f"payload: {name}", asked(request))


def asked(request: Asked) -> Callable[[random.Random], Asked]:
    return lambda _: request

"""Lines among the captured requests that are none: labels are still joined beside them, and drift is still judged."""

import base64
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from switchyard.core.names import Names
from switchyard.core.resources.captured import folder
from tests.fakes.pipelines import text
from tests.fakes.world import GATE
from tests.hostile.case import Book
from tests.hostile.stage import LIVE, Stage
from tests.hostile.uploads import COUNTED, SECRET, secrets_told

MIB = 1024**2
KNOWN = "known-1"


def record(at: str, **parts: Any) -> dict[str, Any]:
    """A captured request as SageMaker writes it, with what is to be wrong about it."""
    about = {"eventId": "e-1", "inferenceId": KNOWN, "inferenceTime": at}
    asked = {"observedContentType": "text/csv", "mode": "INPUT", "data": "1,2\n", "encoding": "CSV"}
    answered = {"observedContentType": "text/csv", "mode": "OUTPUT", "data": "0.9\n", "encoding": "CSV"}
    data = {
        "endpointInput": asked | parts.pop("asked", {}),
        "endpointOutput": answered | parts.pop("answered", {}),
    }
    return {
        "captureData": data,
        "eventMetadata": about | parts.pop("about", {}),
        "eventVersion": "0",
        **parts,
    }


def line(found: object) -> bytes:
    return json.dumps(found).encode() + b"\n"


LINES: dict[str, bytes | Callable[[str], bytes]] = {
    "nothing": b"",
    "line feeds": b"\n" * 10_000,
    "no JSON": b"hello\n",
    "nested 100,000 deep": b"[" * 100_000 + b"\n",
    "null": b"null\n",
    "a list": b"[1]\n",
    "a number of 5,000 digits": b"9" * 5000 + b"\n",
    "NULs": b"\0" * 9000 + b"\n",
    "no UTF-8": b'{"captureData": "\xff\xfe"}\n',
    "no UTF-8 at the end": b"{}\n\xff",
    "UTF-16": '{"captureData": {}}\n'.encode("utf-16"),
    "gzip": b"\x1f\x8b\x08" + bytes(range(256)) + b"\n",
    "half a pair": b'{"captureData": "\\ud800"}\n',
    "32 MB without an end": b"1" * (32 * MIB),
    "200,000 short lines": b"{}\n" * 200_000,
    "no metadata": lambda at: line({"captureData": record(at)["captureData"]}),
    "metadata of null": lambda at: line(record(at) | {"eventMetadata": None}),
    "data of null": lambda at: line(record(at) | {"captureData": None}),
    "a time that is none": line(record("yesterday")),
    "a time of the year 99999": line(record("99999-01-01T00:00:00Z")),
    "a time that is a number": lambda at: line(record(at, about={"inferenceTime": 17})),
    "an id of a megabyte": lambda at: line(record(at, about={"inferenceId": "x" * MIB})),
    "an id that is a list": lambda at: line(record(at, about={"inferenceId": ["x"]})),
    "an id with an escape": lambda at: line(record(at, about={"inferenceId": "x\x1b[2J"})),
    "an answer of words": lambda at: line(record(at, answered={"data": SECRET})),
    "an answer that is not a number": lambda at: line(record(at, answered={"data": "nan"})),
    "an answer of infinity": lambda at: line(record(at, answered={"data": "1e999"})),
    "an answer of 5,000 digits": lambda at: line(record(at, answered={"data": "1" * 5000})),
    "an answer of a million numbers": lambda at: line(record(at, answered={"data": ",".join(["1"] * MIB)})),
    "an answer of null": lambda at: line(record(at, answered={"data": None})),
    "an answer that is deep": lambda at: line(
        record(at, answered={"data": "[" * 100_000, "encoding": "JSON"})
    ),
    "an answer in base64 that is none": lambda at: line(
        record(at, answered={"data": "***", "encoding": "BASE64"})
    ),
    "an answer in an unknown encoding": lambda at: line(record(at, answered={"encoding": "ROT13"})),
    "an answer in bytes of no text": lambda at: line(
        record(at, answered={"data": base64.b64encode(b"\xff\xfe").decode(), "encoding": "BASE64"})
    ),
    "a request of ten million fields": lambda at: line(record(at, asked={"data": "1," * (5 * MIB)})),
    "a request with an open quote": lambda at: line(record(at, asked={"data": '"1,2\n' * 1000})),
    "a request of words": lambda at: line(record(at, asked={"data": f"{SECRET},{SECRET}\n"})),
    "a request of null": lambda at: line(record(at, asked={"data": None})),
    "a request that is a list": lambda at: line(record(at, asked={"data": [1, 2]})),
    "a request that is deep": lambda at: line(record(at, asked={"data": "[" * 100_000, "encoding": "JSON"})),
    "no request": lambda at: line(record(at, asked={"data": ""})),
}


@dataclass(frozen=True)
class CapturedLines:
    """Lines in front of a sound one, of the champion's last minute. Then a label of the sound request arrives, and
    drift is looked for.
    """

    lines: bytes | Callable[[str], bytes]

    def play(self, stage: Stage) -> Iterator[str]:
        now = datetime.fromtimestamp(stage.world.clock(), UTC)
        odd = self.lines if isinstance(self.lines, bytes) else self.lines(now.isoformat())
        place = captured_at(stage, now)
        stage.artifacts.write(f"{place}-odd.jsonl", odd)
        stage.artifacts.write(f"{place}-sound.jsonl", line(record(now.isoformat())))
        stage.upload(f"{LIVE}/labels/w.jsonl", line({"inferenceId": KNOWN, "label": 1}))
        yield from (f"{name} gave the labels back" for name in stage.announce(f"{LIVE}/labels/w.jsonl"))
        if [state for state, _ in stage.told()] != [COUNTED]:
            yield f"the labels of a sound request are {stage.told()}"
        yield from self._drift(stage)
        yield from secrets_told(stage)

    def _drift(self, stage: Stage) -> Iterator[str]:
        watched = text(LIVE, evaluation=GATE, drift={"minimum_rows": 100})
        stage.artifacts.write(f"{LIVE}/pipeline.yaml", watched.encode())
        with stage.measured():
            said = stage.world.handle("check_drift", {})
        if not said:
            yield "drift was not looked for"


def captured_at(stage: Stage, now: datetime) -> str:
    """Where a file of the champion's requests of this minute is called."""
    champion = stage.world.ledger.champion(LIVE)
    assert champion is not None
    hour = f"{now:%Y/%m/%d/%H}"
    return f"{folder(Names('switchyard', LIVE, '').endpoint, champion.variant, hour)}{now:%M-%S}-000"


def fill(book: Book) -> None:
    for name, lines in LINES.items():
        book.add(f"captured: {name}", of(lines))


def of(lines: bytes | Callable[[str], bytes]) -> Callable[[random.Random], CapturedLines]:
    return lambda _: CapturedLines(lines)

"""What data capture keeps of a request: one JSON object a line, at
`<destination>/<endpoint>/<variant>/yyyy/mm/dd/hh/MM-SS-mmm-<uuid>.jsonl`, in UTC.

The destination is one folder for all models, because S3 expires by the beginning of a key. No model has its name.
"""

import csv
import io
import json
import math
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from switchyard.core.data.csv_line import csv_rows_of
from switchyard.core.resources.answers import USUAL, Reader
from switchyard.core.resources.media import is_one

HOUR = timedelta(hours=1)
DESTINATION = "_capture"
# What parsers of outside input raise: binascii, codecs and JSON a ValueError, and some more.
UNREADABLE = (
    ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError, csv.Error
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Captured:
    """One answered request. at: seconds since the epoch, whole. answer: the numbers of its one row."""

    identity: str
    at: float
    answer: tuple[float, ...]


def read_prediction(line: str, reader: Reader = USUAL) -> Captured | None:
    """None for what cannot be joined with one label: no or several rows, no numbers, no record. reader: of
    the model's answers.

    "If the captured record has an inference ID, it is matched with the ground truth's event ID, else the event ID is"
    (Merge with ground truth, Model Monitor).
    """
    try:
        record = json.loads(line)
        about = record["eventMetadata"]
        answer = _answer(record["captureData"], reader)
        at = datetime.fromisoformat(about["inferenceTime"]).timestamp()
    except UNREADABLE:
        return None
    identity = str(about.get("inferenceId") or about.get("eventId"))
    return Captured(identity, at, answer) if answer and identity.isprintable() else None


def _answer(exchange: Mapping[str, Any], reader: Reader) -> tuple[float, ...]:
    """Of the one row that was asked, as far as the request tells; nothing of several."""
    if _asked(exchange.get("endpointInput")) > 1:
        return ()
    answers = reader.read(_text(exchange["endpointOutput"]), 1)
    return answers[0] if len(answers) == 1 else ()


def _asked(given: Mapping[str, Any] | None) -> int:
    """Rows of a request; 1 where its format does not say."""
    if given and is_one(str(given.get("observedContentType") or "")):
        return 1
    text = _text(given).strip() if given else ""
    if text.startswith("{"):
        found = json.loads(text) if given and given.get("encoding") == "JSON" else {}
        return len(found.get("instances", "1"))
    if text.startswith("["):
        found = json.loads(text)
        return len(found) if isinstance(found[0], list | dict) else 1
    return csv_rows_of(text) or 1


def _text(payload: Mapping[str, Any]) -> str:
    data = str(payload["data"])
    return b64decode(data).decode() if payload.get("encoding") == "BASE64" else data


def read_inputs(line: str) -> list[list[str]]:
    """The CSV rows of a captured request; none for other formats."""
    try:
        payload = json.loads(line)["captureData"]["endpointInput"]
        text = _text(payload)
        if payload.get("encoding") == "JSON" or text.lstrip().startswith(("{", "[")):
            return []
        return [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except UNREADABLE:
        return []


def decided(answer: Sequence[float], is_classes: bool) -> float:
    """The prediction itself: the class of a probability, or of one probability a class; otherwise the number.

    Infinite, and so wrong, where there is one that is not finite: NaN is off by nothing, and no class is above it.
    """
    if not all(map(math.isfinite, answer)):
        return math.inf
    if len(answer) > 1:
        return float(max(range(len(answer)), key=answer.__getitem__))
    if is_classes and 0 < answer[0] < 1:
        return float(answer[0] >= 0.5)
    return answer[0]


def hours(start: float, end: float) -> Iterator[str]:
    """`yyyy/mm/dd/hh` of every hour that [start, end) touches."""
    hour = datetime.fromtimestamp(start, UTC).replace(minute=0, second=0, microsecond=0)
    while hour.timestamp() < end:
        yield f"{hour:%Y/%m/%d/%H}"
        hour += HOUR


def text_of(lines: Iterable[str]) -> Iterator[str]:
    """Lines of a capture file, up to bytes that are no text: SageMaker writes JSON, so what follows is not its record,
    and stands in no other file's way.
    """
    with suppress(UnicodeDecodeError):
        yield from lines


def folder(endpoint: str, variant: str, hour: str) -> str:
    """Of the capture files of an hour, as `hours` gives it."""
    return f"{DESTINATION}/{endpoint}/{variant}/{hour}/"


def begins(key: str) -> float:
    """When the first request of a capture file was made, by its name; 0 for a name of another form."""
    try:
        *_, year, month, day, hour, name = key.split("/")
        minute, second = name.split("-")[:2]
        text = f"{year}-{month}-{day}T{hour}:{minute}:{second}+00:00"
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0

"""What data capture keeps of a request: one JSON object a line, at
`<destination>/<endpoint>/<variant>/yyyy/mm/dd/hh/MM-SS-mmm-<uuid>.jsonl`, in UTC.
"""

import csv
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Captured:
    """One answered request. at: seconds since the epoch, whole. answer: the numbers of its one row."""

    identity: str
    at: float
    answer: tuple[float, ...]


def read_prediction(line: str) -> Captured | None:
    """None for what cannot be joined with one label: no or several rows, no numbers, no record.

    "If the captured record has an inference ID, it is matched with the ground truth's event ID, else the event ID is"
    (Merge with ground truth, Model Monitor).
    """
    try:
        record = json.loads(line)
        about = record["eventMetadata"]
        answer = _answer(record["captureData"]["endpointOutput"])
        at = datetime.fromisoformat(about["inferenceTime"]).timestamp()
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        return None
    identity = str(about.get("inferenceId") or about.get("eventId"))
    return Captured(identity, at, answer) if answer and identity.isprintable() else None


def _answer(output: Mapping[str, Any]) -> tuple[float, ...]:
    text = _text(output)
    if text.lstrip().startswith(("{", "[")):
        rows = json.loads(text)
        rows = rows["predictions"] if isinstance(rows, dict) else rows
        row = rows[0] if len(rows) == 1 else ()
        return tuple(map(float, row)) if isinstance(row, list | tuple) else (float(row),)
    lines = text.strip().splitlines()
    return tuple(float(field) for field in lines[0].split(",")) if len(lines) == 1 else ()


def _text(payload: Mapping[str, Any]) -> str:
    data = str(payload["data"])
    return b64decode(data).decode() if payload.get("encoding") == "BASE64" else data


def read_inputs(line: str) -> list[list[str]]:
    """The CSV rows of a captured request; none for other formats."""
    try:
        payload = json.loads(line)["captureData"]["endpointInput"]
        text = _text(payload)
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        return []
    if payload.get("encoding") == "JSON" or text.lstrip().startswith(("{", "[")):
        return []
    return [row for row in csv.reader(text.splitlines()) if row]


def decided(answer: Sequence[float], is_classes: bool) -> float:
    """The prediction itself: the class of a probability, or of one probability a class; otherwise the number."""
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


def begins(key: str) -> float:
    """When the first request of a capture file was made, by its name; 0 for a name of another form."""
    try:
        *_, year, month, day, hour, name = key.split("/")
        minute, second = name.split("-")[:2]
        text = f"{year}-{month}-{day}T{hour}:{minute}:{second}+00:00"
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0

"""Labels as they are dropped: one JSON object a line, an inference id and what was true."""

import json
import math
from dataclasses import dataclass

from switchyard.core.data.classes import Classes
from switchyard.core.data.csv_line import csv_rows
from switchyard.core.data.guarded_parse import outside
from switchyard.core.data.json_keys import RepeatedKeyError, each_once
from switchyard.core.data.normalized_text import word
from switchyard.core.data.numbers import read_number
from switchyard.core.errors import InvalidInputError

FORM = '{"inferenceId": "...", "label": 1}'
# InvokeEndpoint takes 64 characters; a row of a batch drop is called after its object, whose key has up to 1024 bytes.
MAX_ID = 1100
MARK = "\ufeff"  # of byte order: files that were joined have one before a line
MAX_NAME = 256  # signs of a class
_FOUND = {
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}


class LabelError(InvalidInputError):
    """A line of a label file that is no label; says what was found and what is read."""


@dataclass(frozen=True, slots=True)
class Label:
    """What was true for one request."""

    identity: str
    value: float | str  # the name of a class, or a number


def read_label(line: str) -> Label:
    """Our own form, or the ground truth of SageMaker's Model Monitor: {"groundTruthData": {"data": "1", ...},
    "eventMetadata": {"eventId": "..."}}. LabelError for whatever else it is.
    """
    with outside("this line", LabelError):
        return _read(line)


def _read(line: str) -> Label:
    try:
        found = json.loads(line.lstrip(MARK), object_pairs_hook=each_once)
    except RepeatedKeyError as error:
        raise LabelError(f"'{error.key[:60]}' stands twice in it; write each key once") from None
    except (ValueError, RecursionError):
        what = (
            "its lines end with CR alone; end each with a line feed, and"
            if "\r" in line.strip()
            else "not JSON;"
        )
        raise LabelError(f"{what} write {FORM}") from None
    if not isinstance(found, dict):
        raise LabelError(f"{_FOUND[type(found)]} where an object was expected; write {FORM}")
    identity, value = found.get("inferenceId"), found.get("label")
    if identity is None and "groundTruthData" in found:
        identity, value = _ground_truth(found)
    if not isinstance(identity, str) or not 0 < len(identity) <= MAX_ID or not identity.isprintable():
        raise LabelError(f"inferenceId is missing or no text of 1 to {MAX_ID} characters; write {FORM}")
    return Label(identity, _value(value))


def _ground_truth(found: dict[str, object]) -> tuple[object, object]:
    truth, about = found["groundTruthData"], found.get("eventMetadata")
    if not isinstance(truth, dict) or not isinstance(about, dict):
        raise LabelError(f"groundTruthData and eventMetadata must be objects; or write {FORM}")
    encoding = str(truth.get("encoding", "CSV"))
    if encoding.upper() != "CSV":  # "only CSV supported at launch, we assume 'data' only consists of label"
        raise LabelError(f"groundTruthData is {encoding[:20]}, and CSV is read; or write {FORM}")
    return about.get("eventId"), _field(truth.get("data"))


def _field(data: object) -> object:
    """One field of CSV without its quotes; whatever else it is as it stands."""
    if not isinstance(data, str) or not data.startswith('"'):
        return data
    fields = next(csv_rows([data], strict=False), [])
    return fields[0] if len(fields) == 1 else data


def _value(value: object) -> float | str:
    """A number, also one in quotes; or the name of a class."""
    if isinstance(value, str):
        name = word(value)
        is_number = (
            read_number(name) is not None and not name.isalpha()
        )  # `yes` is a number there, and a name here
        if name and not is_number and len(name) <= MAX_NAME:
            return name
    return _number(value)


def truth_of(label: Label, classes: Classes) -> float | None:
    """The number that predictions are compared with, a class's index; None for what is no class of the model."""
    if not classes.names:
        return label.value if isinstance(label.value, float) else None
    return classes.index(label.value)


def _number(value: object) -> float:
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise LabelError(f"label is missing or not a finite number; write {FORM}")
    return number


def loss(predicted: float, label: float, off_by: float | None) -> float:
    """0 when the prediction was right, 1 when it was wrong: another class, or off by more than `off_by`."""
    return float(predicted != label if off_by is None else abs(predicted - label) > off_by)

"""What is said of each record: by the folder that it lies in, or by a table of labels beside it."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from switchyard.core.data.csv_line import every_line
from switchyard.core.data.json_keys import RepeatedKeyError, each_once
from switchyard.core.data.numbers import is_missing
from switchyard.core.errors import InvalidDatasetError

TABLES = ("labels.csv", "labels.jsonl", "metadata.csv", "metadata.jsonl")  # or one that ends with .manifest
MANIFEST = ".manifest"  # as SageMaker's labelling jobs write it
KEYS = ("source-ref", "key", "file_name")
SOME = 5


def table_of(source: str, names: Collection[str]) -> str:
    """The file that holds the labels; "" where folders do."""
    found = sorted(name for name in names if name in TABLES or ("/" not in name and name.endswith(MANIFEST)))
    if len(found) > 1:
        raise InvalidDatasetError(f"{source}: {' and '.join(found)} both hold labels; keep one of them")
    return found[0] if found else ""


def by_folder(source: str, names: Iterable[str]) -> dict[str, str]:
    """`cat/1.png` is a cat, whatever lies between."""
    names = list(names)
    alone = [name for name in names if "/" not in name]
    if alone:
        raise InvalidDatasetError(
            f"{source}{alone[0]}: it lies in no folder of a class, and there is no table of labels; drop it as "
            f"{source}<class>/{alone[0]}, or name it in {TABLES[0]}"
        )
    return {name: _said(f"{source}{name}", name.split("/", 1)[0]) for name in names}


def by_table(
    place: str,
    rows: Iterable[tuple[str, Mapping[str, Any]]],
    target: str,
    folder: str,
    names: Collection[str],
) -> dict[str, str]:
    """place: of the table. rows: each with where it stands. folder: S3 URI of what keys are within."""
    found: dict[str, str] = {}
    for where, row in rows:
        name, label = _name(where, row, folder), _said(where, _value(where, row, target))
        if name not in names:
            raise InvalidDatasetError(
                f"{where}: it names {name}, and there is no such object in the folder; upload it, or take the row out"
            )
        if found.setdefault(name, label) != label:
            raise InvalidDatasetError(
                f"{where}: {name} is named once more, with another label; keep one of the rows"
            )
    unnamed = sorted(set(names) - set(found))
    if unnamed:
        more = f" and {len(unnamed) - SOME} more" if len(unnamed) > SOME else ""
        raise InvalidDatasetError(
            f"{place}: {', '.join(unnamed[:SOME])}{more} lies in the folder and has no row; add one, or remove it"
        )
    return found


def json_rows(place: str, body: bytes) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """An object a line."""
    try:
        lines = every_line(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidDatasetError(f"{place}: not UTF-8 text; save it as UTF-8") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield f"{place}: line {number}", _object(f"{place}: line {number}", line)


def _object(where: str, line: str) -> Mapping[str, Any]:
    try:
        found = json.loads(line, object_pairs_hook=each_once)
    except RepeatedKeyError as error:
        raise InvalidDatasetError(
            f"{where}: '{error.key[:60]}' stands twice in it; write each key once"
        ) from None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidDatasetError(
            f'{where}: expected a JSON object; write {{"key": "1.png", "label": "cat"}}, one a line'
        )
    return found


def _name(where: str, row: Mapping[str, Any], folder: str) -> str:
    key = next((row[each] for each in KEYS if each in row), None)
    if not isinstance(key, str) or not key:
        raise InvalidDatasetError(
            f"{where}: there is no key of an object; write its path within the folder as {', '.join(KEYS)}"
        )
    if key.startswith("s3://") and not key.startswith(folder):
        raise InvalidDatasetError(
            f"{where}: its object lies elsewhere than in {folder}; a dataset is one folder: copy it there"
        )
    return key.removeprefix(folder)


def _value(where: str, row: Mapping[str, Any], target: str) -> str:
    if target not in row:
        raise InvalidDatasetError(
            f"{where}: the target '{target}' is missing; found {', '.join(map(str, list(row)[:10]))}"
        )
    value = row[target]
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise InvalidDatasetError(f"{where}: the target '{target}' is neither a text nor a number; write one")
    return str(value)


def _said(where: str, label: str) -> str:
    if not label.strip() or is_missing(label.strip()) or "\0" in label:
        raise InvalidDatasetError(f"{where}: the label is missing; remove the object, or write what was true")
    return label

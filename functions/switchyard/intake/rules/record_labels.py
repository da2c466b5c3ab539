"""What is said of each record: by the folder that it lies in, or by a table of labels beside it."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from posixpath import normpath
from typing import Any

from switchyard.core.data.csv_line import every_line
from switchyard.core.data.json_keys import RepeatedKeyError, each_once
from switchyard.core.data.normalized_text import bare, clean, column_name
from switchyard.core.data.numbers import is_missing
from switchyard.core.errors import InvalidDatasetError
from switchyard.intake.rules.manifest import lying_otherwise

TABLES = ("labels.csv", "labels.jsonl", "metadata.csv", "metadata.jsonl")  # or one that ends with .manifest
MANIFEST = ".manifest"  # as SageMaker's labelling jobs write it
KEYS = ("source-ref", "key", "file_name")
SOME = 5
MARK = "\ufeff"  # of byte order: files that were joined have one before a line
_NAMED_AS_TABLES = {name.partition(".")[0] for name in TABLES}
_SPLITS = frozenset(
    [
        "train",
        "training",
        "test",
        "testing",
        "val",
        "valid",
        "validation",
        "dev",
        "eval",
        "evaluation",
        "holdout",
    ]
)


def table_of(source: str, names: Collection[str]) -> str:
    """The file that holds the labels; "" where folders do."""
    found = sorted(
        name for name in names if name.lower() in TABLES or ("/" not in name and name.endswith(MANIFEST))
    )
    if len(found) > 1:
        raise InvalidDatasetError(f"{source}: {' and '.join(found)} both hold labels; keep one of them")
    return found[0] if found else ""


def by_folder(source: str, names: Iterable[str], target: str = "") -> dict[str, str]:
    """`cat/1.png` is a cat, whatever lies between, and so is `y=cat/1.png`, as Hive calls folders of the target y."""
    names = list(names)
    _refuse_split(source, names)
    alone = [name for name in names if "/" not in name]
    other = [name for name in alone if name.lower().split(".")[0] in _NAMED_AS_TABLES]
    if other:
        raise InvalidDatasetError(
            f"{source}{other[0]}: it is named as a table of labels, and {', '.join(TABLES)} are read; write it as one"
        )
    if alone:
        raise InvalidDatasetError(
            f"{source}{alone[0]}: it lies in no folder of a class, and there is no table of labels; drop it as "
            f"{source}<class>/{alone[0]}, name it in {TABLES[0]}, or remove it"
        )
    return {
        name: _said(f"{source}{name}", name.split("/", 1)[0].removeprefix(f"{target}=")) for name in names
    }


def _refuse_split(source: str, names: Sequence[str]) -> None:
    """`train/cat/1.png` and `test/cat/1.png`: as they stand a model would learn to tell training from test."""
    folders = [name.lower().split("/") for name in names]
    if folders and all(len(each) > 2 and each[0] in _SPLITS for each in folders):
        tops = " and ".join(sorted({name.split("/", 1)[0] for name in names}))
        raise InvalidDatasetError(
            f"{source}: {tops} is a split of the data and no class; drop the folders of the classes themselves, right "
            f"below {source}: what judges models is chosen from them"
        )


def by_table(
    place: str,
    rows: Iterable[tuple[str, Mapping[str, Any]]],
    target: str,
    folder: str,
    names: Collection[str],
) -> dict[str, str]:
    """place: of the table. rows: each with where it stands. folder: S3 URI of what keys are within."""
    names, found = frozenset(names), dict[str, str]()
    for where, row in rows:
        name, label = _name(where, row, folder, names), _said(where, _value(where, row, target))
        if name not in names:
            otherwise = lying_otherwise([name], names, "the table")
            raise InvalidDatasetError(
                f"{where}: it names {name}, and there is no such object in the folder"
                f"{otherwise or '; upload it, or take the row out'}"
            )
        if found.setdefault(name, label) != label:
            raise InvalidDatasetError(
                f"{where}: {name} is named once more, with another label; keep one of the rows"
            )
    unnamed = sorted(names - set(found))
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


def _by_column(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    return each_once([(column_name(key), value) for key, value in pairs])


def _object(where: str, line: str) -> Mapping[str, Any]:
    try:
        found = json.loads(line.lstrip(MARK), object_pairs_hook=_by_column)
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


def _name(where: str, row: Mapping[str, Any], folder: str, names: Collection[str]) -> str:
    key = next((row[each] for each in KEYS if each in row), None)
    if not isinstance(key, str) or not key.strip():
        found = ", ".join(map(str, list(row)[:10]))[:100]
        raise InvalidDatasetError(
            f"{where}: there is no key of an object; write its path within the folder as {', '.join(KEYS)}; found "
            f"{found}"
        )
    if key.startswith("s3://") and not key.startswith(folder):
        raise InvalidDatasetError(
            f"{where}: its object lies elsewhere than in {folder}; a dataset is one folder: copy it there"
        )
    name = key.removeprefix(folder)
    return name if name in names else _within(bare(name), folder)


def _within(name: str, folder: str) -> str:
    """A whole key of the folder, `./1.png` and Windows' backslashes mean what they do in a manifest."""
    source = folder.removeprefix("s3://").partition("/")[2]
    return normpath(name.removeprefix(folder).removeprefix(source).replace("\\", "/"))


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
    if any("\ud800" <= sign <= "\udfff" for sign in label):
        raise InvalidDatasetError(f"{where}: half a surrogate pair in the label; write it as UTF-8")
    return clean(label)

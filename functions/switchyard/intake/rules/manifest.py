"""`manifest.json`: what a folder is to hold. It is authoritative: the dataset is what it names."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from posixpath import normpath

from switchyard.core.errors import InvalidDatasetError
from switchyard.intake.rules.dataset import MANIFEST, DataFile

EMPTY = sha256().hexdigest()
MAX_BYTES = 16 * 1024**2
FORM = '{"files": [{"name": "part-0.csv", "size": 1234, "sha256": "..."}]}'
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class Entry:
    """One file: its name within the folder, its size in bytes, its sha256 in lower-case hex."""

    name: str
    size: int
    sha256: str


def read_manifest(place: str, body: bytes) -> tuple[Entry, ...]:
    """InvalidDatasetError for what is no manifest, whatever it is."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidDatasetError(f"{place}: expected JSON as UTF-8; write {FORM}") from None
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, list):
        raise InvalidDatasetError(f"{place}: expected an object with a list of `files`; write {FORM}")
    if not files:
        raise InvalidDatasetError(f"{place}: it names no file; name every file of the folder, as {FORM}")
    return tuple(_entry(place, number, each) for number, each in enumerate(files, start=1))


def _entry(place: str, number: int, found: object) -> Entry:
    if not isinstance(found, dict):
        raise _refusal(place, number, ", as an object")
    name, size, digest = found.get("name"), found.get("size"), found.get("sha256")
    if not isinstance(name, str) or not name or name.startswith("/") or ".." in name.split("/"):
        raise _refusal(place, number, ": name must be a path within the folder")
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise _refusal(place, number, ": size must be a whole number of bytes")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise _refusal(place, number, ": sha256 must be 64 hexadecimal digits")
    return Entry(normpath(name), size, digest.lower())  # a Path for each would cost as much as all else here


def _refusal(place: str, number: int, problem: str) -> InvalidDatasetError:
    wanted = f"{place}: expected name, size and sha256 of file {number}"
    return InvalidDatasetError(f"{wanted}{problem}; write {FORM}")


def refuse_unnamed(source: str, entries: Collection[Entry], names: Collection[str]) -> None:
    """InvalidDatasetError for files that lie in the folder and are not in its manifest."""
    unnamed = sorted(set(names) - {entry.name for entry in entries})
    if unnamed:
        more = f" and {len(unnamed) - 5} more" if len(unnamed) > 5 else ""
        raise InvalidDatasetError(
            f"{source}: {', '.join(unnamed[:5])}{more} lies there and is not named in {MANIFEST}; name it, or remove it"
        )


def compare(entries: Collection[Entry], files: Mapping[str, DataFile]) -> None:
    """InvalidDatasetError when a file is not what the manifest says."""
    for entry in entries:
        file = files.get(entry.name, DataFile(entry.name, 0, EMPTY, 0))  # an empty part is passed over
        if (file.size, file.sha256) != (entry.size, entry.sha256):
            raise InvalidDatasetError(
                f"{file.name}: {file.size} bytes, sha256 {file.sha256[:12]}; {MANIFEST} says {entry.size} bytes, "
                f"{entry.sha256[:12]}; upload the file again, then the manifest"
            )

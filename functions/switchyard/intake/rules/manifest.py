"""`manifest.json`: what a folder is to hold. It is authoritative: the dataset is what it names."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from posixpath import normpath
from urllib.parse import unquote_plus

from switchyard.core.data.ignored_files import is_leftover
from switchyard.core.data.json_keys import RepeatedKeyError, each_once
from switchyard.core.data.normalized_text import column_name
from switchyard.core.errors import InvalidDatasetError
from switchyard.intake.rules.dataset import CLOSING_MARKERS, MANIFEST, DataFile

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


def read_manifest(place: str, body: bytes, uri: str = "") -> tuple[Entry, ...]:
    """place: its key; uri: of its folder. What is no data is not among the entries, though it is named.

    InvalidDatasetError for what is no manifest, whatever it is.
    """
    entries = _entries(place, body, (uri, place.removesuffix(MANIFEST)))
    named: dict[str, Entry] = {}
    for entry in entries:
        if named.setdefault(entry.name, entry) != entry:
            raise InvalidDatasetError(
                f"{place}: it names {entry.name} twice, with two sizes or digests; keep the one that is right"
            )
    return tuple(named.values())


def _entries(place: str, body: bytes, folders: Sequence[str]) -> list[Entry]:
    try:
        found = json.loads(body, object_pairs_hook=each_once)
    except RepeatedKeyError as error:
        raise InvalidDatasetError(
            f"{place}: the key '{error.key[:60]}' stands twice in one object, and the first would be lost; write {FORM}"
        ) from None
    except (ValueError, RecursionError):
        raise InvalidDatasetError(f"{place}: expected JSON as UTF-8; write {FORM}") from None
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, list):
        raise InvalidDatasetError(f"{place}: expected an object with a list of `files`; write {FORM}")
    if not files:
        raise InvalidDatasetError(f"{place}: it names no file; name every file of the folder, as {FORM}")
    entries = [_entry(place, number, each, folders) for number, each in enumerate(files, start=1)]
    data = [each for each in entries if each.name not in CLOSING_MARKERS and not is_leftover(each.name)]
    if not data:
        raise InvalidDatasetError(f"{place}: it names no data file; name every one of the folder, as {FORM}")
    return data


def _entry(place: str, number: int, found: object, folders: Sequence[str]) -> Entry:
    if not isinstance(found, dict):
        raise _refusal(place, number, ", as an object")
    name, size, digest = found.get("name"), found.get("size"), found.get("sha256")
    name = _within(name, folders) if isinstance(name, str) else ""
    if not name or name.startswith("/") or ".." in name.split("/") or "://" in name:
        raise _refusal(place, number, ": name must be a path within the folder")
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise _refusal(place, number, ": size must be a whole number of bytes")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise _refusal(place, number, ": sha256 must be 64 hexadecimal digits")
    plain = normpath(name)  # a Path for each would cost as much as all else here
    return Entry(f"{plain}/" if name.endswith("/") else plain, size, digest.lower())


def _within(name: str, folders: Sequence[str]) -> str:
    """A whole key or URI of a file in the folder is its name there; PowerShell writes `.\\part-0.csv`."""
    for folder in filter(None, folders):
        name = name.removeprefix(folder)
    return name.replace("\\", "/")


def _refusal(place: str, number: int, problem: str) -> InvalidDatasetError:
    wanted = f"{place}: expected name, size and sha256 of file {number}"
    return InvalidDatasetError(f"{wanted}{problem}; write {FORM}")


def lying_otherwise(absent: Collection[str], names: Collection[str], place: str = MANIFEST) -> str:
    """The first of the names that are not there which lies there in another spelling, in words; "" where none does.
    place: where it was named.
    """
    known = {_bare(name): name for name in names}
    ways = ((name, tail) for name in absent for tail in _tails(_bare(name)) if tail in known)
    name, tail = next(ways, ("", ""))
    return f"; {known[tail]} lies there, and is another name: write it so in {place}" if name else ""


def _tails(path: str) -> Iterator[str]:
    """`v1/a.csv`, `a.csv`: who wrote it may have stood in a folder above."""
    parts = path.split("/")
    return ("/".join(parts[at:]) for at in range(len(parts)))


def _bare(name: str) -> str:
    return column_name(unquote_plus(name)).casefold()


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

"""What a dataset is: complete or nothing, and identified by its content."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from switchyard.core.data.ignored_files import is_leftover

SUCCESS_MARKER = "_SUCCESS"
MANIFEST = "manifest.json"
CLOSING_MARKERS = (SUCCESS_MARKER, MANIFEST)


@dataclass(frozen=True)
class Drop:
    """One object that arrived under `<model>/train/`."""

    model: str
    source: str  # "<model>/train/<version>/" for a folder, the whole key for a single object
    is_folder: bool


@dataclass(frozen=True)
class DataFile:
    """One file of a dataset; size in bytes, rows without the header."""

    name: str
    size: int
    sha256: str
    rows: int


def parse_drop(key: str, under: str = "train") -> Drop | None:
    """`<model>/train/<file>` is a dataset by itself; `<model>/train/<version>/<file...>` is part of a folder; None for
    any other key, for what tools leave beside data, and for a marker that is in no folder of its own.
    """
    parts = key.split("/")
    if len(parts) < 3 or parts[1] != under or not parts[2] or is_leftover(_beside_markers(parts[2:])):
        return None
    if closes_nothing(key):
        return None
    if len(parts) == 3:
        return Drop(parts[0], key, is_folder=False)
    return Drop(parts[0], "/".join(parts[:3]) + "/", is_folder=True)


def closes_nothing(key: str) -> bool:
    """A marker right under train/ or batch/, where each file is a drop by itself."""
    parts = key.split("/")
    return len(parts) == 3 and parts[1] in ("train", "batch") and parts[2] in CLOSING_MARKERS


def _beside_markers(parts: list[str]) -> str:
    """The name that decides: of a marker that closes a folder the folder's."""
    closes = len(parts) == 2 and parts[1] in CLOSING_MARKERS
    return parts[0] if closes else "/".join(parts)


def digest_of(files: Iterable[DataFile]) -> str:
    """The dataset's identity: sha256 over the sorted sha256 of its files, whatever they are called."""
    contents = sorted(file.sha256 for file in files)
    return hashlib.sha256("\n".join(contents).encode()).hexdigest()

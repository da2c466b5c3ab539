"""What lies under one drop in the data bucket, and whether it is all there."""

import hashlib
from dataclasses import dataclass

from switchyard.core.data.ignored_files import is_leftover
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Storage, StoredObject
from switchyard.intake.rules.dataset import CLOSING_MARKERS, MANIFEST, SUCCESS_MARKER, Drop
from switchyard.intake.rules.manifest import MAX_BYTES, Entry, lying_otherwise, read_manifest, refuse_unnamed

NAMED = 5


@dataclass(frozen=True)
class Drops:
    """Reads drops; `data` is the uploaders' bucket."""

    data: Storage

    def upload(self, drop: Drop, objects: list[StoredObject]) -> str:
        return f"{drop.source}#{fingerprint(objects)}"

    def objects(self, drop: Drop) -> list[StoredObject]:
        """The drop's files and what closes it; what tools leave beside them is passed over."""
        listed = self.data.list(drop.source)
        if not drop.is_folder:
            return [item for item in listed if item.key == drop.source]
        return [item for item in listed if _counts(item.key.removeprefix(drop.source))]

    def incomplete(self, drop: Drop, objects: list[StoredObject]) -> str:
        """Why a folder is not complete yet, or nothing. InvalidDatasetError for one that its manifest rules out."""
        if not drop.is_folder:
            return ""
        names = {item.key.removeprefix(drop.source): item for item in objects}
        files = {name: item for name, item in names.items() if name not in CLOSING_MARKERS}
        if MANIFEST in names:
            entries = self.manifest(drop, objects)
            absent = [entry.name for entry in entries if entry.name not in files]
            if absent:
                unnamed = files.keys() - {entry.name for entry in entries}
                return f"waiting for {_some(absent)} named in {MANIFEST}{lying_otherwise(absent, unnamed)}"
            refuse_unnamed(drop.source, entries, files)
            return ""
        if SUCCESS_MARKER not in names:
            return f"waiting for {drop.source}{SUCCESS_MARKER} or {drop.source}{MANIFEST} ({len(names)} files so far)"
        if not files:
            return f"waiting for files: {SUCCESS_MARKER} lies there alone; put it once more when all is there"
        later = [name for name, item in files.items() if item.modified_at > names[SUCCESS_MARKER].modified_at]
        if later:
            return f"{_some(later)} arrived after {SUCCESS_MARKER}; put {SUCCESS_MARKER} once more when all is there"
        return ""

    def manifest(self, drop: Drop, objects: list[StoredObject]) -> tuple[Entry, ...]:
        """What the folder is to hold; nothing where it has no manifest."""
        place = f"{drop.source}{MANIFEST}"
        found = [item for item in objects if drop.is_folder and item.key == place]
        if not found:
            return ()
        if found[0].size > MAX_BYTES:
            raise InvalidDatasetError(
                f"{place}: {found[0].size} bytes; at most {MAX_BYTES} are read; close the folder by _SUCCESS instead"
            )
        return read_manifest(place, self.data.read(place), self.data.uri(drop.source))


def _counts(name: str) -> bool:
    return name in CLOSING_MARKERS or not is_leftover(name)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def fingerprint(objects: list[StoredObject]) -> str:
    listing = "\n".join(f"{item.key}\0{item.etag}" for item in objects)
    return hashlib.sha256(listing.encode()).hexdigest()[:12]


def name_of(drop: Drop, item: StoredObject) -> str:
    """A file's name within its drop."""
    return item.key.removeprefix(drop.source) or item.key.rsplit("/", 1)[-1]

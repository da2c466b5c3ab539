"""What lies under one drop in the data bucket, and whether it is all there."""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from switchyard.core.errors import InvalidDatasetError
from switchyard.core.leftovers import is_leftover
from switchyard.core.ports import Storage, StoredObject
from switchyard.intake.rules.dataset import CLOSING_MARKERS, MANIFEST, SUCCESS_MARKER, Drop
from switchyard.intake.rules.magic import not_text
from switchyard.intake.rules.manifest import MAX_BYTES, Entry, read_manifest, refuse_unnamed

MAX_LINE = 4 * 1024**2  # signs; what is longer is no row of a table
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
                return f"waiting for {_some(absent)} named in {MANIFEST}"
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
            raise InvalidDatasetError(f"{place}: {found[0].size} bytes; at most {MAX_BYTES} are read")
        return read_manifest(place, self.data.read(place))


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


def lines_of(name: str, chunks: Iterator[bytes], digest: Any) -> Iterator[str]:
    """Decoded lines of a stream, hashing it on the way; the last line may lack its newline."""
    decoder, rest = codecs.getincrementaldecoder("utf-8-sig")(), ""
    head = b""
    try:
        for chunk in chunks:
            head = head or chunk[:16]
            digest.update(chunk)
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            yield from (line + "\n" for line in lines)
            if len(rest) > MAX_LINE:
                raise InvalidDatasetError(f"{name}: {_endless(rest)}")
        rest += decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        what = not_text(head) or f"not UTF-8 text ({error.reason}); save it as UTF-8"
        raise InvalidDatasetError(f"{name}: {what}") from None
    if rest:
        yield rest


def _endless(rest: str) -> str:
    if rest.count("\r") > 1:
        return "its lines end with CR alone; save it with LF or CRLF"
    return f"a line has over {MAX_LINE} signs; end every row with a line feed"

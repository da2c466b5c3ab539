"""What lies under one drop in the data bucket, and whether it is all there."""

import codecs
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Storage, StoredObject
from switchyard.intake.rules.dataset import CLOSING_MARKERS, MANIFEST, Drop


@dataclass(frozen=True)
class Drops:
    """Reads drops; `data` is the uploaders' bucket."""

    data: Storage

    def upload(self, drop: Drop, objects: list[StoredObject]) -> str:
        return f"{drop.source}#{fingerprint(objects)}"

    def objects(self, drop: Drop) -> list[StoredObject]:
        listed = self.data.list(drop.source)
        return listed if drop.is_folder else [item for item in listed if item.key == drop.source]

    def incomplete(self, drop: Drop, objects: list[StoredObject]) -> str:
        """Why a folder is not complete yet, or nothing."""
        if not drop.is_folder:
            return ""
        names = {item.key.removeprefix(drop.source): item for item in objects}
        if not any(marker in names for marker in CLOSING_MARKERS):
            return f"waiting for {drop.source}_SUCCESS or {drop.source}{MANIFEST} ({len(names)} files so far)"
        absent = [entry["name"] for entry in self.manifest(drop, names) if entry["name"] not in names]
        return f"waiting for {', '.join(absent[:5])} named in {MANIFEST}" if absent else ""

    def manifest(self, drop: Drop, names: dict[str, StoredObject]) -> list[dict[str, Any]]:
        if MANIFEST not in names:
            return []
        try:
            entries = json.loads(self.data.read(f"{drop.source}{MANIFEST}"))["files"]
            return [
                {"name": str(e["name"]), "size": int(e["size"]), "sha256": str(e["sha256"])} for e in entries
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidDatasetError(
                f"{drop.source}{MANIFEST}: expected {{files: [{{name, size, sha256}}]}} as JSON ({error!r})"
            ) from None


def fingerprint(objects: list[StoredObject]) -> str:
    listing = "\n".join(f"{item.key}\0{item.etag}" for item in objects)
    return hashlib.sha256(listing.encode()).hexdigest()[:12]


def name_of(drop: Drop, item: StoredObject) -> str:
    """A file's name within its drop."""
    return item.key.removeprefix(drop.source) or item.key.rsplit("/", 1)[-1]


def lines_of(name: str, chunks: Iterator[bytes], digest: Any) -> Iterator[str]:
    """Decoded lines of a stream, hashing it on the way; the last line may lack its newline."""
    decoder, rest = codecs.getincrementaldecoder("utf-8-sig")(), ""
    try:
        for chunk in chunks:
            digest.update(chunk)
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            yield from (line + "\n" for line in lines)
        rest += decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise InvalidDatasetError(f"{name}: not UTF-8 text ({error.reason}); save it as UTF-8") from None
    if rest:
        yield rest

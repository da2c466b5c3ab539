"""What every part of the ledger is made of: the table, the clock, and the partition of a model."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from switchyard.core.ports import Clock, Item, Items

LONGEST_SORT_KEY, BEGINNING = 1024, 600


def model_key(model: str) -> str:
    """The partition of a model."""
    return f"MODEL#{model}"


def sort_key(kind: str, identity: str) -> str:
    """`kind` and what it is of. A sort key has at most 1,024 bytes (DynamoDB, Constraints), as many as a key of S3:
    what is longer is known by its beginning and its hash.
    """
    whole = f"{kind}{identity}"
    if len(whole.encode()) <= LONGEST_SORT_KEY:
        return whole
    digest = hashlib.sha256(identity.encode()).hexdigest()
    return f"{kind}{_whole_text(identity.encode()[:BEGINNING])}#sha256:{digest}"


def _whole_text(cut: bytes) -> str:
    """UTF-8 that was cut anywhere, without half a sign at its end."""
    return cut.decode(errors="ignore")


def recorded_at(item: Item) -> float:
    """When an item was written as it is, in seconds since the epoch."""
    return datetime.fromisoformat(str(item["at"])).timestamp()


class Records:
    """The table and the clock; what is kept in it, and under which conditions it may change, the parts say."""

    def __init__(self, items: Items, clock: Clock) -> None:
        self._items = items
        self._clock = clock

    def _together(self, model: str, sort_keys: Iterable[str]) -> list[Item | None]:
        """Items of a model, asked for at once."""
        return self._items.get_all([(model_key(model), key) for key in sort_keys])

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")

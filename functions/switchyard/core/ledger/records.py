"""What every part of the ledger is made of: the table, the clock, and the partition of a model."""

from datetime import UTC, datetime

from switchyard.core.ports import Clock, Items


def model_key(model: str) -> str:
    """The partition of a model."""
    return f"MODEL#{model}"


class Records:
    """The table and the clock; what is kept in it, and under which conditions it may change, the parts say."""

    def __init__(self, items: Items, clock: Clock) -> None:
        self._items = items
        self._clock = clock

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")

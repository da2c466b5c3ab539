"""Rows as the engine hands them on to channels: columns of bytes, so that no value becomes an object."""

from typing import NamedTuple


class PackedRows(NamedTuple):
    """Many rows, in their order; each list has an item a row.

    odd: the fields of the columns that are read, for the rules of core.data to read; nothing of nearly all rows, whose
    target is a text in its one form, whose features are the end of a line of a channel, and whose words and numbers are
    as core.data.identity takes them. numbers: `width` bytes a row.
    """

    odd: list[list[str] | None]
    targets: list[bytes]
    features: list[bytes]
    words: list[bytes]
    numbers: bytes
    width: int

    def each_numbers(self) -> list[bytes]:
        """Those of each row."""
        if not self.width:
            return [b""] * len(self.odd)
        return [self.numbers[at : at + self.width] for at in range(0, len(self.numbers), self.width)]

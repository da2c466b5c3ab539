"""What makes a row the same row: its values, however they are written.

Holdout exclusion, the split, the holdout's own rows and the sample for drift all ask here. `37`, `37.0`, `3.7e1`, `+37`
and ` 37` are one value, and so are -0 and 0, an empty field and `nan`, a composed and a decomposed letter, and two
spellings of one instant. Numbers are taken in 32 bits, in which models read them: what no model can tell apart is one
row.
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from math import nan

from switchyard.core.data.rows import Value


def row_identity(values: Sequence[Value]) -> str:
    """sha256 (hex) over the row's values in the order of the contract: features, then the target."""
    try:
        return hashlib.sha256(_packed(values)).hexdigest()  # type: ignore[arg-type]
    except TypeError:  # there is a text among them
        return _mixed_identity(values)


def packed_identities(numbers: Iterable[bytes], labels: Iterable[bytes], words: Iterable[bytes]) -> list[str]:
    """The same of rows that are packed already: numbers in 32 bits, and words with NULs between them."""
    sha256 = hashlib.sha256
    return [
        sha256(own + label + tail).hexdigest()
        for own, label, tail in zip(numbers, labels, words, strict=True)
    ]


def content_of(record: str) -> str:
    """sha256 (hex) of a record's bytes, by the name that it is kept by."""
    return record.partition(".")[0]


def packed_label(label: float) -> bytes:
    return _packed([label])


def _packed(values: Sequence[float]) -> bytes:
    plain = [value + 0.0 if value == value else nan for value in values]  # -0 + 0 is 0; one NaN for all
    return struct.pack(f"<{len(plain)}f", *plain)


def packed_values(values: Sequence[Value]) -> tuple[bytes, bytes]:
    """The numbers in 32 bits, and the texts with a NUL between them, which none has."""
    numbers = _packed([value for value in values if isinstance(value, float)])
    words = "\0".join([value for value in values if isinstance(value, str)])
    return numbers, words.encode("utf-8", "surrogatepass")


def _mixed_identity(values: Sequence[Value]) -> str:
    """The numbers, then the texts: columns are in the contract's order."""
    numbers, words = packed_values(values)
    return hashlib.sha256(numbers + words).hexdigest()

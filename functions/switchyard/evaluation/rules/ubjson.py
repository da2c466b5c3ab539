"""Universal Binary JSON as XGBoost writes models in it: numbers in typed arrays, big end first. Data alone, never code.

https://ubjson.org, Draft 12. A reader of its own: the functions have no XGBoost, and a model that somebody made is
read as what it is, bytes from outside.
"""

import struct
import sys
from array import array
from collections.abc import Callable, Mapping
from typing import Any

DEEPEST = 64  # containers within each other; a model of XGBoost has fewer than ten
_INTEGERS: Mapping[bytes, str] = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q"}
_NUMBERS: Mapping[bytes, str] = {**_INTEGERS, b"d": ">f", b"D": ">d"}
_WORDS: Mapping[bytes, Any] = {b"T": True, b"F": False, b"Z": None, b"N": None}


class UbjsonError(ValueError):
    """Bytes that are none of it."""


def read_ubjson(body: bytes) -> Any:
    """The whole document: dictionaries, lists, arrays of numbers. UbjsonError for anything else."""
    try:
        return _Reader(body).value(0)
    except (struct.error, UnicodeDecodeError, OverflowError, MemoryError):
        raise UbjsonError("it ends before its end, or has a length that cannot be") from None


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def value(self, depth: int, marker: bytes = b"") -> Any:
        marker = marker or self._marker()
        if marker in _NUMBERS:
            return self._number(_NUMBERS[marker])
        if marker in _WORDS:
            return _WORDS[marker]
        if marker == b"S":
            return self._text()
        if marker in b"{[" and depth < DEEPEST:
            return self._container(depth + 1, self._entry if marker == b"{" else self._element, marker)
        raise UbjsonError(f"an unknown type at byte {self._at}, or nested too deeply")

    def _container(self, depth: int, item: Callable[[int, bytes], Any], marker: bytes) -> Any:
        kind, count = self._head()
        if kind in _NUMBERS and marker == b"[":
            return self._numbers(_NUMBERS[kind][1], count)
        found: list[Any] = []
        end = b"}" if marker == b"{" else b"]"
        while count != len(found):
            if count < 0 and self._peek() == end:
                self._marker()
                break
            found.append(item(depth, kind))
        return dict(found) if marker == b"{" else found

    def _head(self) -> tuple[bytes, int]:
        """The type of all items, and how many there are; b"" and -1 where neither is stated."""
        kind, count = b"", -1
        if self._peek() == b"$":
            self._marker()
            kind = self._marker()
        if self._peek() == b"#":
            self._marker()
            count = self._length()
        if kind and count < 0:
            raise UbjsonError("a type without a count")
        return kind, count

    def _entry(self, depth: int, kind: bytes) -> tuple[str, Any]:
        return self._text(), self.value(depth, kind)

    def _element(self, depth: int, kind: bytes) -> Any:
        return self.value(depth, kind)

    def _numbers(self, code: str, count: int) -> "array[float]":
        found: array[float] = array(code)
        found.frombytes(self._take(count * found.itemsize))
        if sys.byteorder == "little":
            found.byteswap()
        return found

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _text(self) -> str:
        return self._take(self._length()).decode()

    def _length(self) -> int:
        marker = self._marker()
        if marker not in _INTEGERS:
            raise UbjsonError(f"no length at byte {self._at}")
        length = int(self._number(_INTEGERS[marker]))
        if length < 0 or length > len(self._body):
            raise UbjsonError(f"a length of {length} at byte {self._at}")
        return length

    def _marker(self) -> bytes:
        return self._take(1)

    def _peek(self) -> bytes:
        return self._body[self._at : self._at + 1]

    def _take(self, count: int) -> bytes:
        found = self._body[self._at : self._at + count]
        if len(found) < count:
            raise UbjsonError("it ends before its end")
        self._at += count
        return found

"""What a query answers, a column at a time and without an object for each value: Arrow's C data interface, by ctypes.

https://arrow.apache.org/docs/format/CDataInterface.html, and CStreamInterface.html and PyCapsuleInterface.html there.
Only what our queries answer is read: floats and UTF-8 texts.
"""

import ctypes
from array import array
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int, c_int64, c_uint8, c_void_p
from typing import Any

from switchyard.core.data.packed.packed_rows import Texts


class _Array(Structure):
    """struct ArrowArray."""


_Release = CFUNCTYPE(None, POINTER(_Array))
_Array._fields_ = [
    ("length", c_int64),
    ("null_count", c_int64),
    ("offset", c_int64),
    ("n_buffers", c_int64),
    ("n_children", c_int64),
    ("buffers", POINTER(c_void_p)),
    ("children", POINTER(POINTER(_Array))),
    ("dictionary", c_void_p),
    ("release", _Release),
    ("private_data", c_void_p),
]


class _Stream(Structure):
    """struct ArrowArrayStream; its `release` is called by the capsule."""


_Stream._fields_ = [
    ("get_schema", c_void_p),
    ("get_next", CFUNCTYPE(c_int, POINTER(_Stream), POINTER(_Array))),
    ("get_last_error", CFUNCTYPE(c_char_p, POINTER(_Stream))),
    ("release", c_void_p),
    ("private_data", c_void_p),
]
_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype, _pointer_of.argtypes = c_void_p, [ctypes.py_object, c_char_p]


class StreamError(Exception):
    """The query broke off; what it says is for no one but a log."""


def batches(answer: Any) -> Iterator["Batch"]:
    """answer: a relation of DuckDB's. Each batch is good until the next is asked for."""
    capsule = answer.__arrow_c_stream__()
    stream = ctypes.cast(_pointer_of(capsule, b"arrow_array_stream"), POINTER(_Stream))
    while True:
        array = _Array()
        if stream.contents.get_next(stream, ctypes.byref(array)):
            raise StreamError(stream.contents.get_last_error(stream).decode(errors="replace"))
        if not array.release:  # the end
            return
        try:
            yield Batch(array)
        finally:
            array.release(ctypes.byref(array))


class Batch:
    """Rows of some columns."""

    def __init__(self, array: _Array) -> None:
        self._array, self.rows = array, int(array.length)

    def _buffer(self, column: int, number: int, size: int) -> bytes:
        child = self._array.children[column].contents
        if child.offset or child.null_count:
            raise StreamError("a column begins within its buffer, or has missing values")
        return ctypes.string_at(child.buffers[number], size) if size else b""

    def doubles(self, column: int) -> tuple[memoryview, memoryview | None]:
        """Eight bytes a row; and where some are missing a bit a row, set where one is there. Nothing is copied: both
        are good as long as the batch is.
        """
        child = self._array.children[column].contents
        if child.offset:
            raise StreamError("a column begins within its buffer")
        values = (c_double * self.rows).from_address(child.buffers[1])
        if not child.null_count:
            return memoryview(values), None
        known = (c_uint8 * (-(-self.rows // 8))).from_address(child.buffers[0])
        return memoryview(values), memoryview(known)

    def numbers(self, column: int) -> bytes:
        """Four bytes a row, none missing."""
        return self._buffer(column, 1, 4 * self.rows)

    def texts(self, column: int) -> Texts:
        """UTF-8, a text a row, none missing."""
        ends = array("I", self._buffer(column, 1, 4 * (self.rows + 1)))[1:]
        return Texts(ends, self._buffer(column, 2, ends[-1]))

"""What the default `input_fn` and `output_fn` read and write, as SageMaker's serving toolkits do.

NumPy arrays come without pickled objects: these are refused.
"""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

CSV, JSON, NPY = "text/csv", "application/json", "application/x-npy"
TEXT_TYPES = (CSV, JSON)  # handlers get these as str, everything else as bytes


class UnsupportedFormatError(Exception):
    """A media type that the default handlers do not know."""

    def __init__(self, status_code: int, media_type: str) -> None:
        super().__init__(f"{media_type} is not supported by the default handlers: {CSV}, {JSON} or {NPY}")
        self.status_code = status_code


def decode(data: str | bytes, content_type: str) -> Any:
    """An array of two dimensions from CSV without a header, of any from JSON or NPY."""
    if content_type not in _DECODERS:
        raise UnsupportedFormatError(415, content_type)
    return _DECODERS[content_type](data)


def encode(prediction: Any, accept: str) -> str | bytes:
    """The text or bytes of an array."""
    if accept not in _ENCODERS:
        raise UnsupportedFormatError(406, accept)
    return _ENCODERS[accept](prediction)


def _from_csv(data: Any) -> Any:
    return np.genfromtxt(io.StringIO(data), dtype=np.float32, delimiter=",", ndmin=2)


def _to_csv(prediction: Any) -> str:
    text = io.StringIO()
    np.savetxt(text, np.asarray(prediction), delimiter=",", fmt="%s")
    return text.getvalue()


def _to_npy(prediction: Any) -> bytes:
    data = io.BytesIO()
    np.save(data, np.asarray(prediction), allow_pickle=False)
    return data.getvalue()


_DECODERS: Mapping[str, Callable[[Any], Any]] = {
    CSV: _from_csv,
    JSON: lambda data: np.asarray(json.loads(data)),
    NPY: lambda data: np.load(io.BytesIO(data), allow_pickle=False),
}
_ENCODERS: Mapping[str, Callable[[Any], str | bytes]] = {
    CSV: _to_csv,
    JSON: lambda prediction: json.dumps(np.asarray(prediction).tolist()),
    NPY: _to_npy,
}

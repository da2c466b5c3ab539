"""What goes over the wire: CSV, JSON and JSON Lines, in and out."""

from collections.abc import Callable, Mapping
from functools import lru_cache

import orjson

CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
MEDIA_TYPES = (CSV, JSON, JSON_LINES)
_KNOWN = f"{CSV}, {JSON} or {JSON_LINES}"

Encoder = Callable[[list[list[float]]], bytes]


class RequestError(Exception):
    """A request that cannot be answered: an HTTP status and one sentence for the caller."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def encode_csv(scores: list[list[float]]) -> bytes:
    """One line a row; the outputs of a row are separated by commas."""
    return orjson.dumps(scores)[2:-2].replace(b"],[", b"\n") + b"\n"


def encode_json(scores: list[list[float]]) -> bytes:
    """`{"predictions": [...]}`: a number a row, or a list of class probabilities."""
    return orjson.dumps({"predictions": _unwrapped(scores)})


def encode_json_lines(scores: list[list[float]]) -> bytes:
    """One line a row: a number, or a list of class probabilities."""
    return as_lines(_unwrapped(scores))


def as_lines(answers: list[object]) -> bytes:
    return b"".join(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE) for answer in answers)


def _unwrapped(scores: list[list[float]]) -> list[object]:
    single = len(scores[0]) == 1
    return [row[0] for row in scores] if single else list(scores)


ENCODERS: Mapping[str, Encoder] = {CSV: encode_csv, JSON: encode_json, JSON_LINES: encode_json_lines}


@lru_cache(maxsize=256)
def formats_of(content_type: bytes, accept: bytes) -> tuple[str, str]:
    """The media types of a body and of its answer, by the headers of a request. Raises RequestError."""
    return content_type_of(content_type.decode("latin-1")), accept_of(accept.decode("latin-1"))


def content_type_of(header: str) -> str:
    """The media type of a body; CSV when nothing is said. Raises RequestError 415."""
    media_type = _media_type(header) or CSV
    if media_type not in MEDIA_TYPES:
        raise RequestError(415, f"Content-Type {media_type} is not supported: send {_KNOWN}")
    if "header=present" in header.lower().replace(" ", ""):
        raise RequestError(415, "a header is not read: leave it out, and header=present in Content-Type")
    return media_type


def accept_of(header: str) -> str:
    """The first media type that can be answered; CSV when nothing is said. Raises RequestError 406."""
    wanted = [_media_type(part) for part in header.split(",") if part.strip()] or [CSV]
    for media_type in wanted:
        if media_type in MEDIA_TYPES:
            return media_type
        if media_type in ("*/*", "text/*"):
            return CSV
        if media_type == "application/*":
            return JSON
    raise RequestError(406, f"Accept {header} cannot be answered: ask for {_KNOWN}")


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()

"""What goes over the wire: CSV, JSON and JSON Lines, in and out."""

import codecs
from collections.abc import Callable, Mapping
from functools import lru_cache

import orjson

CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
MEDIA_TYPES = (CSV, JSON, JSON_LINES)
CHARSETS = {  # by Python's names: what a body may be declared to be, and the codec that reads it; "": nothing is to do
    "utf-8": "",
    "ascii": "",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "iso8859-1": "cp1252",  # "a label for windows-1252": Encoding Standard, 4.2
    "cp1252": "cp1252",
}
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
def formats_of(content_type: bytes, accept: bytes) -> tuple[str, str, str]:
    """The media types of a body and of its answer, by the headers of a request, and the body's charset, "" for UTF-8.
    Raises RequestError.
    """
    declared = content_type.decode("latin-1")
    return content_type_of(declared), accept_of(accept.decode("latin-1")), charset_of(declared)


def content_type_of(header: str) -> str:
    """The media type of a body; CSV when nothing is said. Raises RequestError 415."""
    media_type = _media_type(header) or CSV
    if media_type not in MEDIA_TYPES:
        raise RequestError(415, f"Content-Type {media_type} is not supported: send {_KNOWN}")
    if "header=present" in header.lower().replace(" ", ""):
        raise RequestError(415, "a header is not read: leave it out, and header=present in Content-Type")
    return media_type


def charset_of(header: str) -> str:
    """The codec that reads a body by its declared charset, "" for UTF-8. Raises RequestError 415."""
    parameters = (part.partition("=") for part in header.split(";")[1:])
    values = {name.strip().lower(): value.strip().strip('"') for name, _, value in parameters}
    declared = values.get("charset") or "utf-8"
    try:
        return CHARSETS[codecs.lookup(declared).name]
    except (LookupError, ValueError):
        known = "UTF-8, UTF-16, ISO-8859-1 or Windows-1252"
        raise RequestError(415, f"charset {declared} is not read: send {known}") from None


def as_utf8(body: bytes, charset: str) -> bytes:
    """Raises RequestError 400."""
    try:
        return body.decode(charset).encode()
    except UnicodeError:
        raise RequestError(400, f"the body is not the text that its charset says, {charset}") from None


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

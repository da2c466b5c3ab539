"""Records: data that is no table, an object each, known by its content.

`image`, `audio`, `document`, `text` or `json`: what a record is, its first bytes say, not its name. It is kept as
`<sha256>.<ending>`, and the ending says with which content type models are asked.
"""

import json
from collections.abc import Callable
from typing import NamedTuple

FOLDER = "snapshots/records/"  # within the model's folder: datasets share what they have in common
MANIFEST = ".manifest"  # of a list of objects: SageMaker's ManifestFile
KINDS = ("image", "audio", "document", "text", "json")
MEDIA = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "tif": "image/tiff",
    "bmp": "image/bmp",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "pdf": "application/pdf",
    "json": "application/json",
    "txt": "text/plain",
}


class Media(NamedTuple):
    """kind: one of KINDS; ending: of the name that a record is kept by."""

    kind: str
    ending: str


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda body: body.startswith(magic)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda body: body.startswith(b"RIFF") and body[8:12] == form


def _is_mp3(body: bytes) -> bool:
    """A tag, or the 11 bits that a frame of MPEG audio begins with, of layer III."""
    return body.startswith(b"ID3") or (len(body) > 1 and body[0] == 0xFF and body[1] & 0xE6 == 0xE2)


_SIGNS: tuple[tuple[Callable[[bytes], bool], Media], ...] = (
    (_begins(b"\x89PNG\r\n\x1a\n"), Media("image", "png")),
    (_begins(b"\xff\xd8\xff"), Media("image", "jpg")),
    (_begins(b"GIF87a", b"GIF89a"), Media("image", "gif")),
    (_riff(b"WEBP"), Media("image", "webp")),
    (_begins(b"II*\0", b"MM\0*"), Media("image", "tif")),
    (lambda body: body.startswith(b"BM") and b"\0" in body[:32], Media("image", "bmp")),
    (_riff(b"WAVE"), Media("audio", "wav")),
    (_begins(b"fLaC"), Media("audio", "flac")),
    (_begins(b"OggS"), Media("audio", "ogg")),
    (_is_mp3, Media("audio", "mp3")),
    (_begins(b"%PDF-"), Media("document", "pdf")),
)


def media_of(body: bytes) -> Media | None:
    """None for what is none of MEDIA."""
    return next((media for is_it, media in _SIGNS if is_it(body)), None) or _text(body)


def _text(body: bytes) -> Media | None:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    return Media("json", "json") if _is_json(text) else Media("text", "txt")


def _is_json(text: str) -> bool:
    """An object. Other JSON is text: a list would be taken for several rows where requests are read again."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def content_type(record: str) -> str:
    """Of a record, by the name that it is kept by."""
    return MEDIA[record.rpartition(".")[2]]


def is_one(content_type: str) -> bool:
    """Is a request of this content type about one record, whatever is in it?"""
    plain = content_type.partition(";")[0].strip().lower()
    return plain != MEDIA["json"] and plain in MEDIA.values()


def record_key(model: str, record: str) -> str:
    """Where it lies in the artifact bucket."""
    return f"{model}/{FOLDER}{record}"

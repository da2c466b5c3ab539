"""What a record is by its first bytes, and the names that follow from its content."""

import pytest

from switchyard.core.data.identity import content_of
from switchyard.core.resources.media import MEDIA, Media, content_type, is_one, media_of

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (PNG + b"x", ("image", "png")),
        (b"\xff\xd8\xff\xe0x", ("image", "jpg")),
        (b"GIF89a", ("image", "gif")),
        (b"RIFF\1\2\3\4WEBPVP8 ", ("image", "webp")),
        (b"RIFF\1\2\3\4WAVEfmt ", ("audio", "wav")),
        (b"II*\0", ("image", "tif")),
        (b"MM\0*", ("image", "tif")),
        (b"BM\1\0\0\0", ("image", "bmp")),
        (b"BMW drives on", ("text", "txt")),
        (b"fLaC", ("audio", "flac")),
        (b"OggS", ("audio", "ogg")),
        (b"ID3\4", ("audio", "mp3")),
        (b"\xff\xfb\x90", ("audio", "mp3")),
        (b"%PDF-1.7", ("document", "pdf")),
        (b'{"a": 1}', ("json", "json")),
        (b'\xef\xbb\xbf {"a": 1}', ("json", "json")),
        (b'[{"a": 1}]', ("text", "txt")),
        (b'{"a": 1', ("text", "txt")),
        (b'{"a":' * 100_000, ("text", "txt")),
        ("Grüße".encode(), ("text", "txt")),
    ],
)
def test_the_first_bytes_say_what_it_is(body: bytes, media: tuple[str, str]) -> None:
    assert media_of(body) == Media(*media)


@pytest.mark.parametrize("body", [b"\x00\x01\x02", b"\xfe\xff\x00a", b"PK\x03\x04\xff", b"a\0b"])
def test_other_bytes_are_of_no_type(body: bytes) -> None:
    assert media_of(body) is None


def test_the_name_says_content_and_content_type() -> None:
    assert (content_of("ab12.png"), content_type("ab12.png")) == (b"\xab\x12", "image/png")


def test_rows_are_counted_in_csv_and_json_alone() -> None:
    counted = {kind for kind in {*MEDIA.values(), "text/csv", ""} if not is_one(kind)}
    assert counted == {"application/json", "text/csv", ""}

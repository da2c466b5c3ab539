"""Compressed files, unpacked a piece at a time: a small file may unfold into gigabytes."""

import zlib
from collections.abc import Callable, Iterator
from itertools import chain

from switchyard.core.data.size_limits import FREE, refuse_large
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Archive, Forms

PIECE = 1024**2
SIP = 16 * 1024  # bytes that are unpacked at once: what unfolds too far is seen soon
HEAD = 4096
GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
SKIPPED = b"\x2a\x4d\x18"  # behind the first byte, 0x50 to 0x5f: a frame that says something of the next


class GzipMember:
    """One member of a gzip archive. Fulfils ports.Archive."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(31)
        self._rest = b""

    @property
    def eof(self) -> bool:
        return self._member.eof

    @property
    def unused_data(self) -> bytes:
        return self._member.unused_data.lstrip(b"\0")  # tapes and pipes fill up with NULs

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            body = self._member.decompress(self._rest + data, max_length)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        self._rest = self._member.unconsumed_tail
        return body


def with_head(pieces: Iterator[bytes], least: int = HEAD) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, so many or more as far as there are any, and all pieces."""
    seen, size = [], 0
    for piece in pieces:
        seen.append(piece)
        size += len(piece)
        if size >= least:
            break
    return b"".join(seen), chain(seen, pieces)


def opener(head: bytes, forms: Forms) -> tuple[str, Callable[[], Archive]] | None:
    """What a file with these first bytes is packed with; None for one that is not."""
    if head.startswith(GZIP):
        return "gzip", GzipMember
    if head.startswith(ZSTD) or (head[1:4] == SKIPPED and head[0] >> 4 == 5):
        return "zstd", forms.zstd
    return None


def unpacked(
    name: str, pieces: Iterator[bytes], called: str, opened: Callable[[], Archive]
) -> Iterator[bytes]:
    """Every member of the archive, in pieces of bounded size. What unfolds too far from its beginning on is refused
    before anybody reads a row of it.
    """
    yield from with_head(_members(name, pieces, called, opened), FREE + PIECE)[1]


def _members(
    name: str, pieces: Iterator[bytes], called: str, opened: Callable[[], Archive]
) -> Iterator[bytes]:
    member, is_open, total, taken = opened(), False, 0, 0
    try:
        for piece in _sips(pieces):
            body, taken = b"", taken + len(piece)
            while piece or len(body) == PIECE:
                body = member.decompress(piece, PIECE)
                total += len(body)
                refuse_large(name, total, taken)
                yield body
                piece, is_open = b"", not member.eof
                if member.eof:
                    piece, body, member = member.unused_data, b"", opened()
    except ValueError:
        raise InvalidDatasetError(f"{name}: the {called} archive is damaged; upload it again") from None
    if is_open:
        raise InvalidDatasetError(f"{name}: the {called} archive ends too early; upload it again")


def _sips(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from (piece[at : at + SIP] for at in range(0, len(piece), SIP))

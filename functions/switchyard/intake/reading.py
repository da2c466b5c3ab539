"""A dropped file as one form of CSV, whatever form it came in: UTF-8, commas, points, line feeds, not compressed.

Nothing is held but a piece of the file at a time. What is in the fields is not looked at here, except for the mark of
decimals where the separator is no comma.
"""

import csv
import hashlib
import io
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from switchyard.core.errors import InvalidDatasetError
from switchyard.intake.rules.dialect import SNIFFED_LINES, DecimalMark, MixedMarksError, separator_of
from switchyard.intake.rules.magic import not_text

MAX_LINE = 4 * 1024**2  # signs; what is longer is no row of a table
MAX_UNPACKED = 4 * 1024**3  # bytes
PIECE = 1024**2
GZIP = b"\x1f\x8b"
UTF8 = "utf-8-sig"


@dataclass
class Reading:
    """One file, read once. as_it_stands: columns whose fields are no numbers.

    Once it is read: `raw` is the digest of the file as it was dropped, `digest` and `size` are those of its one form,
    and `is_rewritten` says whether these differ.
    """

    name: str
    chunks: Iterator[bytes]
    as_it_stands: Collection[str] = ()
    is_rewritten: bool = False
    size: int = 0
    raw: Any = field(default_factory=hashlib.sha256)
    digest: Any = field(default_factory=hashlib.sha256)

    def lines(self) -> Iterator[str]:
        """Lines with their ends. InvalidDatasetError for what is no text."""
        for line in self._lines():
            body = line.encode()
            self.size += len(body)
            self.digest.update(body)
            yield line

    def _lines(self) -> Iterator[str]:
        pieces = self._text()
        first = next(pieces, "")
        end = "\r" if "\r" in first and "\n" not in first else "\n"
        lines = self._split(chain([first], pieces), end)
        separator = separator_of(first.split(end)[:-1][:SNIFFED_LINES] or [first])
        self.is_rewritten |= end == "\r" or separator != ","
        return lines if separator == "," else self._with_commas(lines, separator)

    def _split(self, pieces: Iterator[str], end: str) -> Iterator[str]:
        """Each line once; the last may lack its end."""
        rest = ""
        for piece in pieces:
            *lines, rest = (rest + piece).split(end)
            yield from (line + "\n" for line in lines)
            if len(rest) > MAX_LINE:
                raise InvalidDatasetError(
                    f"{self.name}: a line has over {MAX_LINE} signs; end every row with a line feed"
                )
        if rest:
            yield rest

    def _with_commas(self, lines: Iterator[str], separator: str) -> Iterator[str]:
        rows = csv.reader(lines, delimiter=separator, strict=True)
        columns, mark = [column.strip() for column in next(rows, [])], DecimalMark()
        yield _line(columns)
        kept = {place for place, column in enumerate(columns) if column in self.as_it_stands}
        for number, row in enumerate(rows, start=2):
            try:
                yield (
                    "\n"
                    if not row
                    else _line(
                        [text if place in kept else mark.rewritten(text) for place, text in enumerate(row)]
                    )
                )
            except MixedMarksError:
                raise InvalidDatasetError(
                    f"{self.name}: row {number}: there are decimal points and decimal commas in one file, so that "
                    f"1.234 may be either; write it with one of them"
                ) from None

    def _text(self) -> Iterator[str]:
        pieces = self._inflated()
        head = next(pieces, b"")
        encoding = _encoding(head)
        self.is_rewritten |= encoding != UTF8
        decoder = getincrementaldecoder(encoding)()
        try:
            for piece in chain([head], pieces):
                yield decoder.decode(piece)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            what = not_text(head) or f"not UTF-8 text ({error.reason}); save it as UTF-8"
            raise InvalidDatasetError(f"{self.name}: {what}") from None

    def _inflated(self) -> Iterator[bytes]:
        pieces = self._hashed()
        head = next(pieces, b"")
        pieces = chain([head], pieces)
        if not head.startswith(GZIP):
            return pieces
        self.is_rewritten = True
        return self._gunzipped(pieces)

    def _hashed(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.raw.update(chunk)
            yield chunk

    def _gunzipped(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Every member of the archive, a piece at a time: a small file may unfold into gigabytes."""
        member, is_open, total = zlib.decompressobj(31), False, 0
        try:
            for piece in pieces:
                body = b""
                while piece or len(body) == PIECE:
                    body = member.decompress(piece, PIECE)
                    total += len(body)
                    if total > MAX_UNPACKED:
                        raise InvalidDatasetError(
                            f"{self.name}: over {MAX_UNPACKED} bytes when it is unpacked; drop it in parts"
                        )
                    yield body
                    piece, is_open = member.unconsumed_tail, not member.eof
                    if member.eof:
                        piece, body, member = member.unused_data.lstrip(b"\0"), b"", zlib.decompressobj(31)
        except zlib.error:
            raise InvalidDatasetError(f"{self.name}: the gzip archive is damaged; upload it again") from None
        if is_open:
            raise InvalidDatasetError(f"{self.name}: the gzip archive ends too early; upload it again")


def _encoding(head: bytes) -> str:
    """By its mark of byte order, by the NULs of ASCII in two bytes, or by what UTF-8 cannot be."""
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    for encoding, nulls in (("utf-16-le", head[1:200:2]), ("utf-16-be", head[0:200:2])):
        if len(nulls) > 1 and not any(nulls):
            return encoding
    try:
        getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        is_binary = any(byte < 32 and byte not in b"\t\r\n" for byte in head[:4096])
        return UTF8 if is_binary or not_text(head) else "latin-1"
    return UTF8


def _line(fields: list[str]) -> str:
    joined = ",".join(fields)
    if joined.count(",") == len(fields) - 1 and not any(sign in joined for sign in '"\r\n'):
        return f"{joined}\n"
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(fields)
    return text.getvalue()

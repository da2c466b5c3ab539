"""A block of whole rows whose form leaves nothing open: every reader of CSV finds the same fields in it.

RFC 4180, and what the csv module makes of it: each row as wide as the header, quotes around whole fields alone, line
ends of one kind, none empty. https://www.rfc-editor.org/rfc/rfc4180
"""

from dataclasses import dataclass
from functools import cached_property

from switchyard.core.data.csv_text import CsvText

MOST_COLUMNS = 1000  # of more, a query takes longer than the rows
LONGEST = 131_072  # signs of a field that the csv module reads
BOM = b"\xef\xbb\xbf"
# What may stand before a quoted field, and behind it; a CR there is one of CR LF, or is counted as none.
_BEFORE, _BEHIND = {b",", b"\n"}, {b",", b"\n", b"\r"}
_NO_DELIMITERS = bytes(each for each in range(256) if each not in b",\n")


@dataclass(frozen=True)
class Block:
    """Text of rows, each with its end; width: of a row. What it is taken for is checked when it is asked."""

    body: bytes
    width: int

    @cached_property
    def lines(self) -> int:
        return self.body.count(b"\n")

    @cached_property
    def quotes(self) -> int:
        return self.body.count(b'"') if b'"' in self.body else 0  # to find none is a fraction of counting

    @cached_property
    def rows(self) -> int | None:
        """None for what has to be read row by row to be told what it is."""
        outside = _outside(self.body)
        if outside is None or b"\0" in self.body or self.body.startswith(BOM):
            return None
        rows = outside.count(b"\n")
        return rows if _is_even(outside, self.width, rows) else None

    def has(self, rows: int) -> bool:
        """Are these all of it? Of a block that is plain each line is a row, and nothing is looked at again."""
        return rows == self.lines or rows == self.rows

    @property
    def has_inner_breaks(self) -> bool:
        """A line end within quotes: there are more than rows, or one that ends none."""
        body, rows = self.body, self.rows or 0
        return self.lines > rows or (b"\r" in body and body.count(b"\r") > body.count(b"\r\n"))


def next_block(text: CsvText, width: int) -> Block | None:
    """The next of a table whose rows have this width; None where the rows are to be read one by one from here on."""
    taken = text.block() if width <= MOST_COLUMNS else b""
    return Block(taken, width) if taken else None


def _outside(body: bytes) -> bytes | None:
    """What is not within quotes, a quote for each quoted text; None where a quote is within a field."""
    if b'"' not in body:
        return body
    pieces = body.split(b'"')
    if len(pieces) % 2 == 0:
        return None
    pieces = pieces[::2]
    # Between the two quotes that stand for one there is nothing to look at; a block ends with a line end.
    are_whole = {piece[-1:] for piece in filter(None, pieces)} <= _BEFORE and {
        piece[:1] for piece in filter(None, pieces[1:])
    } <= _BEHIND
    return b'"'.join(pieces) if are_whole else None


def _is_even(outside: bytes, width: int, rows: int) -> bool:
    """Each row of this width, line ends of one kind, no empty line."""
    returns = outside.count(b"\r") if b"\r" in outside else 0
    ends = b"\r\n" if returns else b"\n"
    if returns and not returns == rows == outside.count(ends):
        return False
    if width == 1 and (ends + ends in outside or outside.startswith(ends)):
        return False
    return outside.translate(None, _NO_DELIMITERS) == (b"," * (width - 1) + b"\n") * rows

"""A block of whole rows whose form leaves nothing open: every reader of CSV finds the same fields in it.

RFC 4180, and what the csv module makes of it: each row as wide as the header, quotes around whole fields alone, line
ends of one kind, none empty. https://www.rfc-editor.org/rfc/rfc4180
"""

from dataclasses import dataclass, field

from switchyard.core.data.csv_text import CsvText

MOST_COLUMNS = 1000  # of more, a query takes longer than the rows
LONGEST = 131_072  # signs of a field that the csv module reads
BOM = b"\xef\xbb\xbf"
_BEFORE, _BEHIND = (b",", b"\n"), (b",", b"\n", b"\r\n")


@dataclass(frozen=True)
class Block:
    """`body` has so many rows."""

    body: bytes
    rows: int
    is_ascii: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_ascii", self.body.isascii())


def next_block(text: CsvText, width: int) -> Block | None:
    """The next of a table whose rows have this width; None where the rows are to be read one by one from here on."""
    taken = text.block() if width <= MOST_COLUMNS else ""
    block = plain_block(taken, width) if taken else None
    if block is None:
        text.put_back(taken)
    return block


def plain_block(text: str, width: int) -> Block | None:
    """None for what has to be read row by row to be told what it is."""
    body = text.encode()
    outside = _outside(body)
    if outside is None or not _is_even(outside, width) or b"\0" in body or body.startswith(BOM):
        return None
    return Block(body, outside.count(b"\n"))


def _outside(body: bytes) -> bytes | None:
    """What is not within quotes, a quote for each quoted text; None where a quote is within a field."""
    if b'"' not in body:
        return body
    pieces = body.split(b'"')
    if len(pieces) % 2 == 0:
        return None
    pieces = pieces[::2]
    if len(pieces[0]) and not pieces[0].endswith(_BEFORE):
        return None
    for piece in pieces[1:-1]:
        if piece and not (piece.startswith(_BEHIND) and piece.endswith(_BEFORE)):
            return None
    if pieces[-1] and not pieces[-1].startswith(_BEHIND):
        return None
    return b'"'.join(pieces)


def _is_even(outside: bytes, width: int) -> bool:
    """Each row of this width, line ends of one kind, no empty line."""
    rows, returns = outside.count(b"\n"), outside.count(b"\r")
    ends = b"\n" if not returns else b"\r\n"
    if returns not in (0, rows) or (returns and outside.count(ends) != rows):
        return False
    has_empty = ends + ends in outside or outside.startswith(ends)
    return not has_empty and all(line.count(b",") == width - 1 for line in outside.split(b"\n")[:-1])

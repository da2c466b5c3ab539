"""The text of one CSV table: line by line, or in blocks of whole rows for whoever reads many at once.

Both take from the same place, so that a reader of lines may go on where the blocks end.
"""

from collections.abc import Iterator

# Signs: of twice as many, buffers leave the caches, and pages are cleared again and again.
BLOCK = 8 * 1024**2
LEAST = 4  # a block has at least so small a share of that
JOINED = 256 * 1024  # signs of a piece of lines
TRIED = 1000  # line ends at which a row is looked for that ends there, too


class Decoded(str):
    """Text, with the UTF-8 that it was read from: a block needs no other."""

    body: bytes

    @classmethod
    def of(cls, text: str, body: bytes) -> "Decoded":
        decoded = cls(text)
        decoded.body = body
        return decoded


def _encoded(piece: str) -> bytes:
    return piece.body if isinstance(piece, Decoded) else piece.encode()


class CsvText:
    """`pieces` in any sizes. What they raise is raised when all lines before it are taken."""

    def __init__(self, pieces: Iterator[str], block: int = BLOCK) -> None:
        self._pieces, self._block = pieces, block
        self._lines: list[str] = []  # those that are whole, the next one last
        self._rest = ""
        self._fault: Exception | None = None
        self._has_ended = False
        self._taken: list[str] | None = None

    def __iter__(self) -> Iterator[str]:
        """Lines with their ends; the last may lack it."""
        while self._lines or self._refill():
            line = self._lines.pop()
            if self._taken is not None:
                self._taken.append(line)
            yield line

    def remember(self) -> None:
        """Lines that are taken from here on, as they may be wanted again."""
        self._taken = []

    def rewind(self) -> None:
        """Back to where it was to be remembered from."""
        self.put_back("".join(self._taken or ()).encode())
        self._taken = None

    def _refill(self) -> bool:
        while not self._lines and (piece := self._piece()):
            self._split(self._rest + piece)
        if not self._lines and self._rest and self._fault is None:
            self._lines, self._rest = [self._rest], ""
        if not self._lines and self._fault is not None:
            raise self._fault
        return bool(self._lines)

    def _split(self, text: str) -> None:
        *lines, self._rest = text.split("\n")
        self._lines = [line + "\n" for line in reversed(lines)]

    def _piece(self) -> str:
        """The next that is not empty; nothing at the end, and before a fault."""
        try:
            while not self._has_ended:
                if piece := next(self._pieces):
                    return piece
        except StopIteration:
            self._has_ended = True
        except Exception as error:
            self._has_ended, self._fault = True, error
        return ""

    def block(self) -> bytes:
        """Many rows at once in UTF-8, each with its end; nothing where none end there, or where few are left."""
        parts = [_encoded("".join([*reversed(self._lines), self._rest]))]
        size = len(parts[0])
        while size < self._block and (piece := self._piece()):
            parts.append(_encoded(piece))
            size += len(parts[-1])
        text = b"".join(parts)
        if self._has_ended and self._fault is None and text and not text.endswith(b"\n"):
            text += b"\n"
        end = _end_of_rows(text) if size >= self._block // LEAST else 0
        self._split(text[end:].decode())
        return text[:end]

    def put_back(self, block: bytes) -> None:
        """What was taken last."""
        self._split(block.decode() + "".join(reversed(self._lines)) + self._rest)


def joined(lines: Iterator[str]) -> Iterator[str]:
    """Lines, many at once; what they raise comes behind the lines before it."""
    found: list[str] = []
    size = 0
    try:
        for line in lines:
            found.append(line)
            size += len(line)
            if size > JOINED:
                yield "".join(found)
                found, size = [], 0
    except Exception:
        yield "".join(found)
        raise
    yield "".join(found)


def _end_of_rows(text: bytes) -> int:
    """Behind the last line end that is outside of quotes, where every quote is one that opens or closes."""
    end = text.rfind(b"\n") + 1
    if b'"' not in text:
        return end
    is_inside = text.count(b'"', 0, end) % 2 == 1
    for _ in range(TRIED):
        if not is_inside or not end:
            return end
        before = text.rfind(b"\n", 0, end - 1) + 1
        is_inside ^= text.count(b'"', before, end) % 2 == 1
        end = before
    return 0

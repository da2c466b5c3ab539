"""A JSON list of objects as lines, an object each: as `json.dump` and pandas write tables. One is held at a time."""

import json
from collections.abc import Iterator
from itertools import chain

from switchyard.core.errors import InvalidDatasetError

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_BLANKS = " \t\r\n\ufeff"
LONGEST = 4 * 1024**2  # signs of an object
BEGIN, END = "[", "]"


def is_list_of_objects(pieces: Iterator[str]) -> tuple[bool, Iterator[str]]:
    """By the first two signs that are no blanks; and all pieces."""
    seen: list[str] = []
    for piece in pieces:
        seen.append(piece)
        head = _stripped("".join(seen))
        inner = _stripped(head[1:])
        if (head and head[0] != BEGIN) or inner:
            return bool(inner) and head[0] == BEGIN and inner[0] in "{]", chain(seen, pieces)
    return False, iter(seen)


def lines_of_list(name: str, pieces: Iterator[str]) -> Iterator[str]:
    """InvalidDatasetError names the object, counted from 1, behind which the text is no list of objects."""
    text, number = _List(pieces), 0
    text.expect(BEGIN)
    while text.next_sign() != END:
        number += 1
        found = text.object()
        if not found or (text.next_sign() != END and not text.expect(",")):
            raise InvalidDatasetError(
                f"{name}: object {number}: not JSON; write a list of objects with a comma between them, whole, or one "
                f"object a line"
            )
        yield found


class _List:
    """What is left of the text, as much of it as is needed."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces, self._rest = pieces, ""

    def next_sign(self) -> str:
        """That is no blank; "" at the end."""
        self._rest = _stripped(self._rest)
        while not self._rest and (piece := next(self._pieces, None)) is not None:
            self._rest = _stripped(piece)
        return self._rest[:1]

    def expect(self, sign: str) -> bool:
        found = self.next_sign() == sign
        self._rest = self._rest[1:] if found else self._rest
        return found

    def object(self) -> str:
        """The next, in one line; "" where none is whole."""
        while self.next_sign() == "{":
            try:
                _, end = _DECODER.raw_decode(self._rest)
            except (json.JSONDecodeError, RecursionError):
                piece = next(self._pieces, None) if len(self._rest) < LONGEST else None
                if piece is None:
                    return ""
                self._rest += piece
            else:
                found, self._rest = self._rest[:end], self._rest[end:]
                return " ".join(found.splitlines()) + "\n"
        return ""


def _stripped(text: str) -> str:
    return text.lstrip(_BLANKS)

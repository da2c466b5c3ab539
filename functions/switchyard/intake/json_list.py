"""A JSON list of objects as lines, an object each: as `json.dump` and pandas write tables. One is held at a time."""

import json
import re
from collections.abc import Iterator
from itertools import chain

from switchyard.core.data.csv_line import lines_of
from switchyard.core.errors import InvalidDatasetError

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_BLANKS = " \t\r\n\ufeff"
_SIGN = re.compile(f"[^{_BLANKS}]")
LONGEST = 4 * 1024**2  # signs of an object
BEGIN, END = "[", "]"


def is_list_of_objects(pieces: Iterator[str]) -> tuple[bool, Iterator[str]]:
    """By the first two signs that are no blanks; and all pieces."""
    seen, head = list[str](), ""
    for piece in pieces:
        seen.append(piece)
        head = _stripped(head + piece)
        inner = _stripped(head[1:])
        if inner or head[:1] not in ("", BEGIN):
            return head.startswith(BEGIN) and inner[:1] in ("{", END), chain(seen, pieces)
        head = head[:1]
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
    if text.expect(END) and text.next_sign():
        raise InvalidDatasetError(
            f"{name}: something follows the list of objects; write one list, or an object a line"
        )


class _List:
    """A piece of the text, and up to where it is taken: what is left of it is copied once a piece."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces, self._text, self._at = filter(None, pieces), "", 0

    def next_sign(self) -> str:
        """That is no blank; "" at the end."""
        while True:
            found = _SIGN.search(self._text, self._at)
            if found:
                self._at = found.start()
                return found[0]
            self._text, self._at = next(self._pieces, ""), 0
            if not self._text:
                return ""

    def expect(self, sign: str) -> bool:
        found = self.next_sign() == sign
        self._at += found
        return found

    def object(self) -> str:
        """The next, in one line; "" where none is whole."""
        while self.next_sign() == "{":
            try:
                _, end = _DECODER.raw_decode(self._text, self._at)
            except (json.JSONDecodeError, RecursionError):
                if not self._more():
                    return ""
            else:
                found, self._at = self._text[self._at : end], end
                return " ".join(lines_of(found)) + "\n"
        return ""

    def _more(self) -> bool:
        """Takes the next pieces, so many that an object that goes on and on is not read again for each of them."""
        left = self._text[self._at :]
        pieces = list[str]()
        while sum(map(len, pieces)) <= len(left) and (piece := next(self._pieces, "")):
            pieces.append(piece)
        self._text, self._at = left + "".join(pieces), 0
        return bool(pieces) and len(left) < LONGEST


def _stripped(text: str) -> str:
    return text.lstrip(_BLANKS)

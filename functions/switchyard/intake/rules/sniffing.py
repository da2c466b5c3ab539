"""How a CSV file is written: its separator, its line ends, and the mark of its decimals. Read off its first lines."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from switchyard.core.data.csv_line import csv_rows

SNIFFED_LINES = 20
_SAID = re.compile(r'"?sep=([^"\r\n])"?(?:\r|\n)', re.IGNORECASE)
SEPARATORS = (",", ";", "\t", "|")  # in doubt the first

_COMMA = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]+(?:[eE][+-]?[0-9]+)?")
_POINT = re.compile(r"[+-]?[0-9]*\.[0-9]*(?:[eE][+-]?[0-9]+)?")
_POINTS_OF_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+")
_COMMAS_OF_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")


def said_by_excel(text: str) -> str:
    """The separator that the first line names, as `sep=;`: Excel reads it, and does not show it; "" for other text."""
    found = _SAID.match(text)
    return found[1] if found else ""


def separator_of(lines: Sequence[str]) -> str:
    """The sign that cuts all of the first lines into the same number of fields, and into the most."""
    found = max(SEPARATORS, key=lambda sign: (_width(lines, sign), -SEPARATORS.index(sign)))
    return found if _width(lines, found) > 1 else SEPARATORS[0]


def _width(lines: Sequence[str], separator: str) -> int:
    """Fields a line; 0 where the lines have not all the same."""
    try:
        rows = [row for row in csv_rows(lines[:SNIFFED_LINES], separator, strict=False) if row]
    except csv.Error:
        return 0
    widths = {len(row) for row in rows}
    return widths.pop() if len(widths) == 1 else 0


class MixedMarksError(ValueError):
    """One file has decimal commas and decimal points: which number is meant cannot be told."""


@dataclass
class DecimalMark:
    """Numbers of a file whose separator is no comma, rewritten with a point. The first that tells decides for all."""

    mark: str = ""

    def rewritten(self, text: str) -> str:
        """`1,5` -> `1.5`, `1.234,5` -> `1234.5`, `1,234.5` -> `1234.5`; what is no such number as it stands."""
        number = text.strip(" \t")
        if _COMMAS_OF_THOUSANDS.fullmatch(number) and ("." in number or self.mark == "."):
            self._decide(".")
            return number.replace(",", "")
        if _COMMA.fullmatch(number):
            self._decide(",")
            return number.replace(".", "").replace(",", ".")
        if self.mark == "," and _POINTS_OF_THOUSANDS.fullmatch(number):
            return number.replace(".", "")
        if _POINT.fullmatch(number):
            self._decide(".")
        return text

    def _decide(self, mark: str) -> None:
        if self.mark not in ("", mark):
            raise MixedMarksError
        self.mark = mark

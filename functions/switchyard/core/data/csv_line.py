"""Rows of CSV: read as people write them, written in the one form that tables are handed on in: commas, line feeds,
quotes where needed. And lines of any text that others wrote: they end with LF, CR or both, and with nothing else.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

_ENDS = re.compile("\r\n|\n|\r")
_QUOTED = re.compile('"[^"]*"')


def csv_rows(lines: Iterable[str], separator: str = ",", strict: bool = True) -> Iterator[list[str]]:
    """The fields of each row. A quote may stand behind blanks, as in `1, "a, b"`; what else is in a field is as it
    stands. strict: csv.Error for quotes that are none.
    """
    return csv.reader(lines, delimiter=separator, strict=strict, skipinitialspace=True)


def csv_line(fields: Sequence[str]) -> str:
    """The line with its line feed."""
    joined = ",".join(fields)
    if joined and joined.count(",") == len(fields) - 1 and not any(sign in joined for sign in '"\r\n'):
        return f"{joined}\n"
    line = _Line()
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.text


class _Line:
    """What csv.writer writes to, where one line is wanted."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


def every_line(text: str) -> list[str]:
    """Without their ends. `str.splitlines` takes U+2028, U+0085, form feeds and more for ends, too, which stand within
    fields and JSON texts.
    """
    return _ENDS.split(text)


def lines_of(text: str) -> list[str]:
    """Those that are not blank, without their ends."""
    return [line for line in every_line(text) if line.strip()]


def csv_rows_of(text: str) -> int:
    """How many rows of CSV there are: a line end in quotes ends none."""
    return len(lines_of(_QUOTED.sub("q", text)))

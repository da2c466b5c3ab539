"""A row as one line of the one form of CSV that tables are handed on in: commas, line feeds, quotes where needed."""

import csv
from collections.abc import Sequence


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

"""CSV with texts, by RFC 4180: fields between commas, in quotes where they hold a comma, a quote or a line feed."""

import csv
import io
from collections.abc import Iterable, Iterator

from container.numeric_csv import RowError, unix_lines


def split_rows(body: bytes) -> list[list[str]]:
    """The fields of each row. Raises RowError."""
    text = decode(unix_lines(body))
    if '"' in text:
        return list(read_rows(io.StringIO(text, newline="")))
    if text and "\n" not in text:
        return [text.split(",")]
    return [line.split(",") if line else [] for line in text.split("\n")]


def read_rows(lines: Iterable[str]) -> Iterator[list[str]]:
    """The fields of each row of a text whose lines end as they do in the file; a quote may stand behind blanks, as in
    data. Raises RowError.
    """
    reader, row = csv.reader(lines, strict=True, skipinitialspace=True), 0
    while True:
        row += 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise RowError(
                row, None, "its quotes are not those of CSV: double a quote within quotes"
            ) from None
        yield fields


def decode(body: bytes) -> str:
    """Raises RowError at the row that is not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise RowError(body.count(b"\n", 0, error.start) + 1, None, "it is not UTF-8 text") from None

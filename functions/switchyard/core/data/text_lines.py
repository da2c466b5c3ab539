"""Lines of a text that others wrote: they end with LF, CR or both, and with nothing else.

`str.splitlines` takes U+2028, U+0085, form feeds and more for ends, too, which stand within fields and JSON texts.
"""

import re

_ENDS = re.compile("\r\n|\n|\r")
_QUOTED = re.compile('"[^"]*"')


def every_line(text: str) -> list[str]:
    """Without their ends."""
    return _ENDS.split(text)


def lines_of(text: str) -> list[str]:
    """Those that are not blank, without their ends."""
    return [line for line in every_line(text) if line.strip()]


def csv_rows_of(text: str) -> int:
    """How many rows of CSV there are: a line end in quotes ends none."""
    return len(lines_of(_QUOTED.sub("q", text)))

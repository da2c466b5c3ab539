"""One guard round every parse of what comes from outside: whatever a parser raises, the upload ends in a record.

Parsers raise more than they say: a number of 400 digits is an OverflowError, JSON of 100,000 brackets a RecursionError,
`2024-13-45` a ValueError from inside of PyYAML. Errors of AWS and of the machine are none of these, and go on.
"""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager

from switchyard.core.errors import InvalidDatasetError, InvalidInputError

RAISED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
    csv.Error,
)
LONGEST = 160


@contextmanager
def outside(place: str, refusal: type[InvalidInputError] = InvalidDatasetError) -> Iterator[None]:
    """Turns whatever is raised into a `refusal` that says where: `place` is a file, or a drop."""
    try:
        yield
    except RAISED as error:
        raise refusal(f"{place}: {_words(error)}") from None


def _words(error: BaseException) -> str:
    """What was found and what to do, in nobody's class names."""
    match error:
        case RecursionError():
            return "nested too deeply to be read; write it flat"
        case MemoryError():
            return "too large to be read at once; write it as several files, or with fewer columns"
        case OverflowError():
            return "a number in it is out of range; write numbers below 1e38"
        case UnicodeDecodeError():
            return f"not UTF-8 text ({error.reason}); save it as UTF-8"
        case json.JSONDecodeError():
            return f"not JSON (line {error.lineno}, column {error.colno}); write JSON as UTF-8"
        case csv.Error():
            return f"not readable as CSV ({str(error)[:LONGEST]})"
        case ValueError() if str(error):
            return f"a value in it cannot be read ({str(error)[:LONGEST]}); correct it, then drop it again"
    return "it has not the form that is read; look at docs/pipeline.md, then drop it again"

"""Answers of servers, read as `response` in pipeline.yaml says, or as `predictions` reads them.

Only steps into an answer are read: names, places, slices, projections and pipes. What computes (functions, filters) or
puts together (`[a, b]`, whose size doubles with every pipe) is refused, so that an answer is walked through once.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from switchyard.core.data.classes import Classes
from switchyard.core.data.csv_line import lines_of
from switchyard.core.data.response import CLASS, NUMBER, SCORES, Response
from switchyard.core.resources.predictions import Rows, parse

LONGEST = 256  # characters of an expression
_STEPS = frozenset({
    "field", "subexpression", "index_expression", "index", "slice", "projection", "value_projection", "flatten",
    "identity", "current", "pipe",
})  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """How answers of a model are read: one tuple of numbers a row, ValueError for answers that have none.

    is_stated: `response` in pipeline.yaml says how. JSON is asked for then, and an answer is a document of many rows.
    """

    read: Callable[[str, int], Rows]
    is_stated: bool = False


USUAL = Reader(parse)  # the forms in which servers answer


class ExpressionError(ValueError):
    """What is no expression that is read, and what to do."""


def reader_of(response: Response, classes: Sequence[str]) -> Reader:
    """The ValueErrors of a stated one name the row."""
    if not response.what:
        return USUAL
    return Reader(_At(response, Classes(tuple(classes)), _parsed(response.path)).read, is_stated=True)


def check_expression(path: str) -> None:
    """ExpressionError for what is not read."""
    if len(path) > LONGEST:
        raise ExpressionError(f"{len(path)} characters; at most {LONGEST} are read")
    _parsed(path)


def _parsed(path: str) -> Any:
    import jmespath

    try:
        found = jmespath.compile(path)
    except (jmespath.exceptions.JMESPathError, RecursionError):
        raise ExpressionError("it is no JMESPath expression; write one as predictions[].score") from None
    for kind in _kinds(found.parsed):
        if kind not in _STEPS:
            raise ExpressionError(
                f"{kind.replace('_', ' ')} is not read; write names, [0], [*], [], slices and | alone, as "
                f"predictions[].score"
            )
    return found


def _kinds(node: Any) -> list[str]:
    """Of a node and all below it; the numbers of a slice are none."""
    if not isinstance(node, dict):
        return []
    return [str(node["type"]), *(kind for child in node["children"] for kind in _kinds(child))]


@dataclass(frozen=True)
class _At:
    response: Response
    classes: Classes
    expression: Any

    def read(self, text: str, rows: int) -> Rows:
        documents = _documents(text)
        found = [self._values(self.expression.search(each), rows, len(documents)) for each in documents]
        values = [value for each in found for value in each]
        return [self._answer(value, row) for row, value in enumerate(values, start=1)]

    def _values(self, found: Any, rows: int, documents: int) -> list[Any]:
        """One a row: an answer is about all rows that were asked, or, where there are as many answers, about one."""
        is_of_one = rows == documents
        if not isinstance(found, list) or (is_of_one and self.response.what == SCORES and not _nested(found)):
            return [found]
        return found

    def _answer(self, value: Any, row: int) -> tuple[float, ...]:
        try:
            if value is None:
                raise ValueError("nothing is there")
            return self._class(value) if self.response.what == CLASS else self._numbers(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(
                f"response.{self.response.what}: at {self.response.path} the answer to row {row} has no "
                f"{self.response.what}"
            ) from None

    def _numbers(self, value: Any) -> tuple[float, ...]:
        numbers = tuple(float(each) for each in (value if isinstance(value, list) else [value]))
        if not numbers or (self.response.what == NUMBER and len(numbers) > 1):
            raise ValueError(value)
        return numbers[1:] if len(numbers) == len(self.classes.names) == 2 else numbers

    def _class(self, value: Any) -> tuple[float, ...]:
        """All of the probability for the class that is named: of two classes the second one's."""
        said = value[0] if isinstance(value, list) and len(value) == 1 else value
        index = self.classes.index(said if isinstance(said, str) else float(said))
        if index is None:
            raise ValueError(value)
        if len(self.classes.names) == 2:
            return (float(index),)
        return tuple(float(index == each) for each in range(len(self.classes.names)))


def _documents(text: str) -> list[Any]:
    """One, or one a line, as JSON Lines and transform jobs have them."""
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError):
        pass
    try:
        return [json.loads(line) for line in lines_of(text)]
    except (ValueError, RecursionError):
        raise ValueError("the answer is not JSON, and `response` says where in it the model's is") from None


def _nested(found: Sequence[Any]) -> bool:
    return any(isinstance(each, list) for each in found)

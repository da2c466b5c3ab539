"""Requests to a model that knows its features by position alone, as numbers."""

from array import array
from math import nan
from typing import cast

from container.numeric_csv import FLOAT32_MAX, TOO_LARGE, RowError, Rows, float32, parse_rows
from container.serving.instances import unwrapped


class NumericReader:
    """Rows of `width` features: no header, no label."""

    def __init__(self, width: int) -> None:
        self.width = width

    def csv(self, body: bytes) -> Rows:
        """Raises RowError."""
        return parse_rows(body, self.width)

    def instances(self, instances: list[object]) -> Rows:
        """Lists of numbers; null is a missing value. Raises RowError."""
        values = array("f")
        for row, instance in enumerate(instances, start=1):
            values.extend(_read_instance(row, unwrapped(instance), self.width))
        return Rows(values, self.width)


def _read_instance(row: int, instance: object, width: int) -> "array[float]":
    if not isinstance(instance, list):
        raise RowError(row, None, "a list of numbers is expected")
    if len(instance) != width:
        raise RowError(row, None, f"{len(instance)} fields found, {width} expected")
    values = plain_numbers(instance)
    if values is not None:
        return values
    return array("f", [_read_value(row, field, value) for field, value in enumerate(instance, start=1)])


def _read_value(row: int, field: int, value: object) -> float:
    try:
        return number_of(value)
    except ValueError as error:
        raise RowError(row, field, str(error)) from None


def plain_numbers(given: list[object]) -> "array[float] | None":
    """All values if they are numbers within 32-bit floating point, else None."""
    if not set(map(type, given)) <= {int, float}:
        return None
    return float32(cast("list[float]", given))


def number_of(value: object) -> float:
    """A number of JSON; null is a missing value. Raises ValueError with the reason."""
    if value is None:
        return nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("not a number")
    if abs(value) > FLOAT32_MAX:
        raise ValueError(TOO_LARGE)
    return float(value)

"""Rows by the kinds of their columns, whatever kinds there are."""

import math

import pytest

from switchyard.core.data.contract import Kind
from switchyard.core.data.rows import RowReader, selecting


def test_a_row_without_any_number_is_read() -> None:
    reader = RowReader((Kind.CATEGORY, Kind.TEXT, Kind.DATE, Kind.BOOLEAN))
    assert reader.values(["red", "a  b", "2026-11-29", "yes"]) == ["red", "a b", "2026-11-29", 1.0]
    assert reader.values(["red", "a", "soon", "yes"]) == 2


def test_numbers_alone_and_numbers_among_others_are_read() -> None:
    assert RowReader((Kind.NUMBER, Kind.NUMBER)).values(["1", ""])[0] == 1.0  # type: ignore[index]
    mixed = RowReader((Kind.CATEGORY, Kind.NUMBER)).values(["red", "NA"])
    assert isinstance(mixed, list)
    assert (mixed[0], math.isnan(mixed[1])) == ("red", True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("places", "width", "picked"), [([], -1, []), ([1], -1, ["b"]), ([0, 1], 2, ["a", "b"])]
)
def test_places_are_picked_from_a_row(places: list[int], width: int, picked: list[str]) -> None:
    assert list(selecting(places, width)(["a", "b"])) == picked

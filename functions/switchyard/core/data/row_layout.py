"""Where in a row the columns are that are read, and what their fields are."""

from typing import NamedTuple

from switchyard.core.data.contract import Kind


class Shape(NamedTuple):
    """width: of a row; places and kinds: of the columns that are read, the target first."""

    width: int
    places: tuple[int, ...]
    kinds: tuple[Kind, ...]

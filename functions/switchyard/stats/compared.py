"""A figure of two models on the same rows, and how sure it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Compared:
    """champion: None without one. Standard errors: of the challenger's value, and of the difference (new - old)."""

    champion: float | None
    challenger: float
    challenger_error: float
    error: float

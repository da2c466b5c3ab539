"""What the application needs of an engine."""

from typing import Protocol

from container.numeric_csv import Rows


class Predictor(Protocol):
    def predict(self, rows: Rows) -> list[list[float]]:
        """One list of outputs a row: a single number, or one probability a class."""


class Engine(Protocol):
    def predictor(self) -> Predictor:
        """Each thread has its own."""

"""What the application needs of an engine."""

from typing import Protocol

from container.numeric_csv import Rows


class Predictor(Protocol):
    def predict(self, rows: Rows) -> list[list[float]]:
        """One list of outputs a row: a single number, or one probability a class."""


class Engine(Protocol):
    def predictor(self, threads: int | None = None) -> Predictor:
        """Each thread has its own; `threads` are those of one prediction, the engine's unless given.

        Before a fork it is 1: OpenMP's threads do not come along, and a child would wait for them for ever.
        """

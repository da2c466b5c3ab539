"""The confusion of classes as a table: all of a few classes, the most frequent mistakes of many."""

from __future__ import annotations

from dataclasses import dataclass

from switchyard.evaluation.rules.performance import Performance

MOST_CLASSES = 12
MOST_MISTAKES = 15


@dataclass(frozen=True)
class Cell:
    """So many rows; champion: None without one. weight: share of the true class's rows, from 0 to 1."""

    challenger: int
    champion: int | None
    weight: float


@dataclass(frozen=True)
class Mistake:
    """Rows of one class that were called another."""

    true: str
    said: str
    cell: Cell


def cells(found: Performance) -> list[list[Cell]]:
    """By true class, then by what was said; empty of many classes, and of no classes."""
    return _cells(found) if len(found.classes) <= MOST_CLASSES else []


def mistakes(found: Performance) -> list[Mistake]:
    """The most frequent of either model, where there are too many classes for a table."""
    if len(found.classes) <= MOST_CLASSES:
        return []
    wrong = [
        Mistake(found.classes[true], found.classes[said], cell)
        for true, row in enumerate(_cells(found))
        for said, cell in enumerate(row)
        if true != said and (cell.challenger or cell.champion)
    ]
    return sorted(wrong, key=lambda each: -max(each.cell.challenger, each.cell.champion or 0))[:MOST_MISTAKES]


def _cells(found: Performance) -> list[list[Cell]]:
    before = found.champion.confusion if found.champion else ()
    return [
        [
            Cell(count, before[true][said] if before else None, count / max(1, sum(row)))
            for said, count in enumerate(row)
        ]
        for true, row in enumerate(found.challenger.confusion)
    ]

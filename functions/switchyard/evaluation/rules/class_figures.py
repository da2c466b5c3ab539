"""What both models made of each class, by the names that people gave them."""

from collections.abc import Sequence
from dataclasses import dataclass

from switchyard.stats.confusion import Answers, answers_of, f1, precision, recall
from switchyard.stats.paired import PairedSums

SHOWN = 30  # classes; of more the metrics that are judged say enough


@dataclass(frozen=True)
class OfClass:
    """One model's figures of one class; called: rows that it calls so."""

    called: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class ClassFigure:
    """rows: of the class, among those that were judged on. champion: None without one."""

    name: str
    rows: int
    champion: OfClass | None
    challenger: OfClass


def class_figures(sums: PairedSums, classes: Sequence[str]) -> tuple[ClassFigure, ...]:
    """In the order of their index; none of numbers, or of very many classes."""
    if not sums.confusion.counts or len(classes) > SHOWN:
        return ()
    champion, challenger = answers_of(sums.confusion)
    return tuple(
        ClassFigure(
            name,
            round(sums.classes.get(str(index), 0) / sums.resampling.repeats),
            _of_class(champion, index, sums.resampling.repeats) if champion else None,
            _of_class(challenger, index, sums.resampling.repeats),
        )
        for index, name in enumerate(classes)
    )


def _of_class(answers: Answers, index: int, copies: int) -> OfClass:
    """copies: how often each row is in the answers."""
    counts = answers.right[index], answers.true[index], answers.said[index]
    values = (figure(*counts).value for figure in (precision, recall, f1))
    return OfClass(round(answers.said[index] / copies), *values)

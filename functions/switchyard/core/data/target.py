"""What the target column looks like: enough to tell a classification from a regression."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from switchyard.core.data.classes import named, names_of
from switchyard.core.data.rows import Value
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.policy import Problem

MAX_CLASSES = 50


@dataclass
class LabelStatistics:
    """Collects the target's distinct values as rows stream by, up to one more than MAX_CLASSES."""

    rows: int = 0
    distinct: set[Value] = field(default_factory=set)

    def add(self, label: Value) -> None:
        self.rows += 1
        if len(self.distinct) <= MAX_CLASSES:
            self.distinct.add(label)

    def add_all(self, labels: Sequence[Value]) -> None:
        self.rows += len(labels)
        if len(self.distinct) > MAX_CLASSES or self.distinct.issuperset(labels):
            return
        for label in labels:
            if len(self.distinct) > MAX_CLASSES:
                return
            self.distinct.add(label)

    @property
    def are_words(self) -> bool:
        return any(isinstance(each, str) for each in self.distinct)

    @property
    def are_classes(self) -> bool:
        """Few of them, and words, whole numbers from 0 on, or any two whole numbers."""
        if len(self.distinct) > MAX_CLASSES:
            return False
        numbers = [each for each in self.distinct if not isinstance(each, str)]
        return all(v == int(v) and (v >= 0 or len(self.distinct) == 2) for v in numbers)

    @property
    def classes(self) -> tuple[str, ...]:
        return names_of(self.distinct)

    def infer(self) -> Problem:
        """What most people mean by such a column; pipeline.yaml can say otherwise with `problem`."""
        if self.are_classes:
            return Problem.BINARY if len(self.classes) == 2 else Problem.MULTICLASS
        return Problem.MULTICLASS if self.are_words else Problem.REGRESSION

    def check_varied(self) -> None:
        """InvalidDatasetError when there is nothing to tell apart."""
        if len(self.distinct) < 2:
            raise InvalidDatasetError(
                f"the target has only one value in {self.rows} rows: nothing can be learned; bring rows with another, "
                f"or set target to another column"
            )

    def check(self, problem: Problem) -> None:
        """InvalidDatasetError when the labels cannot be what `problem` says."""
        self.check_varied()
        if problem is Problem.REGRESSION:
            if self.are_words:
                raise InvalidDatasetError(
                    "the target of a regression must be numbers, and these are words; leave `problem` out"
                )
        elif not self.are_classes:
            what = f"over {MAX_CLASSES}" if len(self.distinct) > MAX_CLASSES else "other"
            raise InvalidDatasetError(
                f"the target of a {problem} problem must be words or whole numbers from 0 on, at most {MAX_CLASSES} "
                f"of them, and it has {what} values; name the right column, or say `problem: regression`"
            )
        elif problem is Problem.BINARY and len(self.classes) != 2:
            raise InvalidDatasetError(
                f"the target of a binary problem must have two values, and it has {named(self.classes)}; "
                f"say `problem: multiclass`, or map them to two"
            )

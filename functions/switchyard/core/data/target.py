"""What the target column looks like: enough to tell a classification from a regression."""

from dataclasses import dataclass, field

from switchyard.core.errors import InvalidDatasetError
from switchyard.core.policy import Problem

MAX_CLASSES = 50


@dataclass
class LabelStatistics:
    """Collects the target's distinct values as rows stream by, up to one more than MAX_CLASSES."""

    rows: int = 0
    distinct: set[float] = field(default_factory=set)

    def add(self, label: float) -> None:
        self.rows += 1
        if len(self.distinct) <= MAX_CLASSES:
            self.distinct.add(label)

    @property
    def are_classes(self) -> bool:
        """Whole numbers from 0 on, few of them."""
        return len(self.distinct) <= MAX_CLASSES and all(v >= 0 and v == int(v) for v in self.distinct)

    def infer(self) -> Problem:
        """What most people mean by such a column; pipeline.yaml can say otherwise with `problem`."""
        if self.are_classes and max(self.distinct) == 1:
            return Problem.BINARY
        return Problem.MULTICLASS if self.are_classes else Problem.REGRESSION

    def check_varied(self) -> None:
        """InvalidDatasetError when there is nothing to tell apart."""
        if len(self.distinct) < 2:
            raise InvalidDatasetError(
                f"the target has only one value in {self.rows} rows: nothing can be learned"
            )

    def check(self, problem: Problem) -> None:
        """InvalidDatasetError when the labels cannot be what `problem` says."""
        self.check_varied()
        if problem is Problem.BINARY and not self.distinct <= {0.0, 1.0}:
            raise InvalidDatasetError("the target of a binary problem must be 0 or 1; map your labels first")
        if problem is Problem.MULTICLASS and not self.are_classes:
            raise InvalidDatasetError(
                "the target of a multiclass problem must be whole numbers from 0 on, at most 50"
            )

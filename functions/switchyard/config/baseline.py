"""What belongs to a model, and is never inferred again from a later dataset: its columns, its problem, its classes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import Problem

SHOWN_CLASSES = 10


@dataclass(frozen=True)
class Baseline:
    """The features of the dataset that the model was first promoted on, in order; `key` is where they lie.

    problem: None where it is not on record, as of models older than this. classes: of a classification.
    """

    key: str
    features: tuple[str, ...]
    problem: Problem | None = None
    classes: tuple[float, ...] = ()

    def check(self, name: str, columns: Collection[str], target: str) -> None:
        """InvalidDatasetError when a file has other features: endpoints are asked by position, not by name."""
        wanted, found = set(self.features), set(columns) - {target}
        if wanted == found:
            return
        differs = [f"'{c}' is missing" for c in self.features if c not in found]
        differs += [f"'{c}' is not in the baseline" for c in columns if c in found - wanted]
        raise InvalidDatasetError(
            f"{name}: row 1: column {differs[0]} ({len(differs)} differ from the model's first dataset); "
            f"drop a dataset with its {len(self.features)} features, or, "
            f"to change them, {self.to_change}"
        )

    def of(self, pipeline: Pipeline) -> "Baseline":
        """With the problem and the classes of a pipeline that the model was promoted with."""
        classes: Iterable[int] = range(int(pipeline.training.hyperparameters.get("num_class", 0)))
        classes = (0, 1) if pipeline.problem is Problem.BINARY else classes
        return replace(self, problem=pipeline.problem, classes=tuple(map(float, classes)))

    @property
    def to_change(self) -> str:
        return f"delete {self.key} and the holdout beside it"

    def complete(self, labels: LabelStatistics, declared: int = 0) -> LabelStatistics:
        """The labels of a later dataset with all classes of the model; InvalidDatasetError names a new class.

        A class that the dataset lacks is data, and changes nothing. declared: `num_class`, where the owner states it.
        """
        if not self.classes:
            return labels
        new = sorted(labels.distinct - set(self.classes) - set(map(float, range(declared))))
        if new:
            raise InvalidDatasetError(
                f"the target has {_named(new)}, and the model knows {_named(self.classes)} alone: its holdout has no "
                f"row of a new class to judge by; remove those rows, or, to take it in, {self.to_change}"
            )
        return LabelStatistics(labels.rows, labels.distinct | set(self.classes))


def _named(classes: Collection[float]) -> str:
    """`class 3`, `classes 0, 1, 2 and 4 more`."""
    shown = ", ".join(f"{each:g}" for each in list(classes)[:SHOWN_CLASSES])
    more = f" and {len(classes) - SHOWN_CLASSES} more" if len(classes) > SHOWN_CLASSES else ""
    return f"class{'es' if len(classes) > 1 else ''} {shown}{more}"

"""Reading a dataset to its end: file by file, row by row, against the model's baseline, looking for leaks."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from switchyard.config.baseline import Baseline
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidDatasetError
from switchyard.intake.rules.leakage import Leakage
from switchyard.intake.rules.table import read_table


@dataclass
class Inspection:
    """What the rows of one dataset say; every defect is an InvalidDatasetError with file, row and column."""

    target: str
    trusted: Collection[str] = ()
    baseline: Baseline | None = None
    columns: tuple[str, ...] = ()
    labels: LabelStatistics = field(default_factory=LabelStatistics)

    def __post_init__(self) -> None:
        self._first = ""
        self._leakage = Leakage((self.target,), self.target)

    def read(self, name: str, lines: Iterable[str]) -> int:
        """Reads one file to its end; says how many rows it has."""
        table = read_table(name, lines, self.target)
        if not self._first:
            self._begin(name, table.columns)
        elif table.columns != self.columns:
            raise InvalidDatasetError(f"{name}: row 1: its columns differ from those of {self._first}")
        position, rows = self.columns.index(self.target), 0
        for rows, values in enumerate(table.rows, start=1):  # noqa: B007 the count outlives the loop
            self.labels.add(values[position])
            self._leakage.add(values)
        return rows

    def _begin(self, name: str, columns: tuple[str, ...]) -> None:
        if self.baseline is not None:
            self.baseline.check(name, columns, self.target)
        self._first, self.columns = name, columns
        self._leakage = Leakage(columns, self.target, self.trusted)

    def finish(self) -> None:
        """After the last file: were there rows, and does a feature give the target away?"""
        if not self.labels.rows:
            raise InvalidDatasetError(f"{self._first}: the file has a header but no rows")
        found = self._leakage.found()
        if found is not None:
            column, says, rows = found
            raise InvalidDatasetError(
                f"{self._first}: column '{column}' {says} in every row from row 2 on ({rows} rows): the model "
                f"would learn to copy it; remove the column, or, if it is known before the target is, list it under "
                f"`may_copy_target` in pipeline.yaml"
            )

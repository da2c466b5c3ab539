"""A first look at somebody's file: its columns, what is in them, and whether the door will take it.

It is read by what reads drops, so that what is said here is what AdmitDataset says.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice
from math import isfinite
from pathlib import Path

from cli.stack.errors import RefusedError
from cli.start.dialect_guess import guessed
from cli.start.needs import HOW, LEAST_HOLDOUT, Needs
from switchyard.config.run_contract import classes_of
from switchyard.core.data.contract import Contract
from switchyard.core.data.contract_rows import ContractRows, Row
from switchyard.core.data.csv_line import csv_line
from switchyard.core.data.dates import is_meant_as_date
from switchyard.core.data.dialect import AS_IT_SHOWS, Dialect
from switchyard.core.data.numbers import is_missing, read_number
from switchyard.core.data.seen import Seen
from switchyard.core.data.target import MAX_CLASSES
from switchyard.core.errors import InvalidDatasetError, InvalidPipelineError
from switchyard.core.policy import Problem
from switchyard.engine.table_files import EngineForms
from switchyard.intake.reading import Reading
from switchyard.intake.rules.file_names import READ, is_table
from switchyard.intake.rules.header import stripped
from switchyard.intake.rules.inspection import Inspection
from switchyard.intake.rules.table import read_features, unreadable
from switchyard.training.rules.holdout import ALL, Taking

PIECE = 1024**2
SHOWN_ROWS = 10_000


@dataclass
class Column:
    """What is in a column; `distinct` is kept up to one more than a target may have classes."""

    name: str
    distinct: set[str] = field(default_factory=set)
    are_numbers: bool = True
    are_dates: bool = True

    def add(self, text: str) -> None:
        if is_missing(text):
            return
        if len(self.distinct) <= MAX_CLASSES:
            self.distinct.add(text.strip())
        self.are_numbers = self.are_numbers and _is_number(text)
        self.are_dates = self.are_dates and is_meant_as_date(text)

    @property
    def says(self) -> str:
        """`2 values: 0, 1`, `numbers`, `dates`, `text`. Of data that are no classes no value is shown."""
        if len(self.distinct) > MAX_CLASSES:
            return "numbers" if self.are_numbers else "dates" if self.are_dates else "text"
        shown = ", ".join(sorted(self.distinct)[:4])
        more = ", ..." if len(self.distinct) > 4 else ""
        return f"{len(self.distinct)} values: {shown[:60]}{more}"


@dataclass(frozen=True)
class FileLook:
    """One file on this machine. dialect: how it is written; declared: kinds of columns, in place of what it shows."""

    path: Path
    dialect: Dialect = AS_IT_SHOWS
    declared: Mapping[str, str] = field(default_factory=dict)

    def _reading(self) -> Reading:
        return Reading(self.path.name, _chunks(self.path), EngineForms(), dialect=self.dialect)

    def lines(self) -> Iterator[str]:
        """As a drop is read; RefusedError for what is no table."""
        if not is_table(self.path.name):
            raise RefusedError(
                f"{self.path.name} is not named as a table; what is read: {READ}.",
                "Save it in one of these forms (Excel: save the sheet as CSV), or, if it is one, rename it.",
            )
        try:
            yield from self._reading().lines()
        except InvalidDatasetError as refused:
            raise unfit(refused) from None

    def as_guessed(self) -> FileLook:
        """The same file with the dialect that its first rows show."""
        rows = islice(self._rows(), SHOWN_ROWS)
        width = len(next(rows, []))
        return replace(self, dialect=guessed(zip(*(row for row in rows if len(row) == width), strict=True)))

    def _rows(self) -> Iterator[list[str]]:
        """RefusedError for what is no CSV, in the door's words."""
        rows, number = csv.reader(self.lines(), strict=True), 0
        try:
            for number, row in enumerate(rows, start=1):  # noqa: B007 the count outlives the loop
                yield row
        except csv.Error as error:
            raise unfit(unreadable(self.path.name, number + 1, error)) from None

    @property
    def below(self) -> Iterator[list[str]]:
        """The rows below the header."""
        return islice(self._rows(), 1, None)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """In the order of the header."""
        try:
            rows = self._rows()
            found = tuple(map(Column, stripped(self.path.name, next(rows, []))))
            if not found:
                raise InvalidDatasetError(
                    f"{self.path.name}: the file is empty; a header line and rows were expected"
                )
            for row in rows:
                for column, text in zip(found, row, strict=False):
                    column.add(text)
        except InvalidDatasetError as refused:
            raise unfit(refused) from None
        return found

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def inspected(self, target: str) -> Inspection:
        """Read as the door reads it; RefusedError says what it will not take."""
        inspection = Inspection(target, declared=self.declared, forms=EngineForms())
        try:
            inspection.read(self.path.name, self._reading().text())
            inspection.finish()
            inspection.labels.check_varied()
        except (InvalidDatasetError, InvalidPipelineError) as refused:
            raise unfit(refused) from None
        return inspection

    def needs(self, target: str, seen: Seen, problem: Problem, every: int = 1) -> Needs:
        """What every n-th row allows as a first dataset.

        seen: by the inspection. RefusedError where a class is too rare, with how many rows would do.
        """
        classes = classes_of(problem, seen.labels, None)
        taking = Taking(problem is not Problem.REGRESSION, LEAST_HOLDOUT, classes=classes)
        rows = csv.reader(self.lines(), strict=True)
        reader = ContractRows(Contract(target, seen.features, problem, classes), stripped("", next(rows)))
        for number, fields in enumerate(islice(filter(None, rows), 0, None, every)):
            row = reader.read(fields)
            if isinstance(row, Row):  # nothing else is left by the inspection
                taking.add([number], [int(row.label) if classes else ALL])
        try:
            taking.check_foldable(HOW.least_rows) if taking.is_small else taking.taken()
        except InvalidDatasetError as refused:
            raise unfit(refused) from None
        counts = taking.counts().values()
        return Needs(problem, sum(counts), min(counts), taking.rows)

    def contract(self, target: str) -> Contract:
        """As far as requests need one."""
        return Contract(target, self.inspected(target).seen.features)

    def requests(self, contract: Contract, most: int) -> list[str]:
        """The first rows as bodies of requests: the features alone, in the order of the contract."""
        rows = read_features(self.path.name, self.lines(), contract)
        try:
            return [csv_line(row).removesuffix("\n") for row in islice(rows, most)]
        except InvalidDatasetError as refused:
            raise unfit(refused) from None

    def every(self, step: int) -> bytes:
        """The header and every n-th row: a smaller dataset with the same mix of classes, however rows are sorted."""
        rows = csv.reader(self.lines(), strict=True)
        chosen = chain([next(rows, [])], islice(rows, 0, None, step))
        return "".join(map(csv_line, chosen)).encode()


def unfit(refused: Exception) -> RefusedError:
    """What the door would say of a drop, said before it is dropped."""
    advice = "Correct the file as it says"
    if "pipeline.yaml" in str(refused):
        advice += (
            ", or say what the column is with --column NAME=KIND (number, category, text, date, ignored, ...)"
        )
    return RefusedError(f"{refused}.", f"{advice}, then run the same command again.")


def _is_number(text: str) -> bool:
    value = read_number(text)
    return value is not None and isfinite(value)


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from iter(lambda: file.read(PIECE), b"")
    except OSError as refused:
        raise RefusedError(f"{path} cannot be read: {refused.strerror}.", "Name a file.") from None

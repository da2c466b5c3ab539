"""Blocks of rows as the engine reads them: what is found is what a reading row by row finds, in the same order.

Where the engine, or the form of a block, leaves anything open, the rows are left to that reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import nan
from typing import Any

from switchyard.core.data.csv_block import Block, next_block
from switchyard.core.data.row_layout import Shape
from switchyard.core.data.rows import Value
from switchyard.core.data.target import LabelStatistics
from switchyard.core.ports import Forms, TypedRows
from switchyard.intake.rules.leakage import Leakage
from switchyard.intake.rules.table import Layout, Table


@dataclass
class Blocks:
    """Takes rows of one dataset as Inspection does."""

    layout: Layout
    labels: LabelStatistics
    leakage: Leakage
    forms: Forms

    def take(self, name: str, table: Table) -> int:
        """Answers how many rows were taken; those that `table.records` has then are not."""
        block, taken = self._next(table), 0
        if block is None:
            return 0
        with self.forms.typed(self._shape) as typed:
            while block is not None:
                rows = self._block(name, table, typed, block)
                taken += rows
                if rows < block.rows:
                    self._pass(table, block, rows)
                    break
                table.number += rows
                block = self._next(table)
        return taken

    def _next(self, table: Table) -> Block | None:
        return next_block(table.text, len(table.columns)) if table.text is not None else None

    def _pass(self, table: Table, block: Block, rows: int) -> None:
        """Leaves the rows of the block that were not taken."""
        assert table.text is not None  # noqa: S101 it gave the block
        table.text.put_back(block.body.decode())
        for _ in islice(table.records, rows):
            pass

    @property
    def _order(self) -> tuple[int, ...]:
        """Positions of the layout, the target's first."""
        target = self.layout.names.index(self.layout.target)
        return (target, *(at for at in range(len(self.layout.names)) if at != target))

    @property
    def _shape(self) -> Shape:
        places = tuple(self.layout.places[at] for at in self._order)
        return Shape(self.layout.width, places, tuple(self.layout.kinds[at] for at in self._order))

    def _block(self, name: str, table: Table, typed: TypedRows, block: Block) -> int:
        order, taken = self._order, 0
        suspects = self.leakage.suspects
        for rows in typed.values(block, [0, *map(order.index, suspects)]):
            if suspects or any(row[0] is not None for row in rows):
                for number, row in enumerate(rows, start=table.number + taken + 1):
                    self._row(name, number, row, order, suspects)
            else:
                self.labels.add_all([label for _, label in rows])
            taken += len(rows)
        return taken

    def _row(
        self, name: str, number: int, row: tuple[Any, ...], order: Sequence[int], suspects: Sequence[int]
    ) -> None:
        odd, label, *others = row
        values: list[Value] = [nan] * len(order)
        if odd is not None:
            values = self.layout.row(name, number, _in_order(odd, order))
        else:
            for at, value in zip(suspects, others, strict=True):
                values[at] = value
            values[order[0]] = label
        self.labels.add(values[order[0]])
        self.leakage.add(values)


def _in_order(fields: Sequence[str], order: Sequence[int]) -> list[str]:
    own = [""] * len(order)
    for at, text in zip(order, fields, strict=True):
        own[at] = text
    return own

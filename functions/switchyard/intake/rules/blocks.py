"""Blocks of rows as the engine reads them: what is found is what a reading row by row finds, in the same order.

Where the engine, or the form of a block, leaves anything open, the rows are left to that reading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import nan
from typing import NamedTuple

from switchyard.core.data.csv_block import Block, next_block
from switchyard.core.data.packed.packed_file import Packing
from switchyard.core.data.packed.packed_rows import Codes, PackedRow, PackedRows, ReadRows, Shape
from switchyard.core.data.rows import Value
from switchyard.core.data.target import MAX_CLASSES, LabelStatistics
from switchyard.core.ports import Forms, TypedRows
from switchyard.intake.rules.leakage import Leakage
from switchyard.intake.rules.table import Layout, Table

TARGET = 0  # among the columns that are read


@dataclass
class Blocks:
    """Takes rows of one dataset as Inspection does. packing: takes them, too, where they are kept."""

    layout: Layout
    labels: LabelStatistics
    leakage: Leakage
    forms: Forms
    packing: Packing | None = None

    def take(self, name: str, table: Table) -> int:
        """Answers how many rows were taken; those that `table.records` has then are not."""
        block, taken = self._next(table), 0
        if block is None:
            return 0
        with self.forms.typed(self._shape) as typed:
            while block is not None:
                rows = self._block(name, table, typed, block)
                taken += rows
                if not block.has(rows):
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
        table.text.put_back(block.body)
        for _ in islice(table.records, rows):
            pass

    @property
    def _shape(self) -> Shape:
        layout = self.layout
        places = tuple(layout.places[at] for at in layout.order)
        return Shape(layout.width, places, tuple(layout.kinds[at] for at in layout.order))

    def _block(self, name: str, table: Table, typed: TypedRows, block: Block) -> int:
        order, taken = self.layout.order, 0
        codes = self.packing.codes(self.labels.distinct) if self.packing is not None else None
        suspects, looks = self.leakage.suspects, self._looks_at_labels(codes)
        wanted = [order.index(each) for each in suspects] + ([TARGET] if looks else [])
        for found in typed.read(block, wanted, codes):
            odd = {at: self._odd(name, table.number + taken + at + 1, own) for at, own in found.odd.items()}
            labels = self._labels(found, odd) if looks else self._labels_of(odd)
            self.labels.add_all(labels)
            self.labels.rows += found.rows - len(labels)
            if suspects:
                self._look(labels, dict(zip(suspects, found.values, strict=False)), odd)
            if found.packed is not None:
                self._pack(name, found.packed, odd)
            taken += found.rows
        return taken

    def _looks_at_labels(self, codes: Codes | None) -> bool:
        """Every label is one that is known where rows are packed by classes."""
        are_known = bool(codes) or len(self.labels.distinct) > MAX_CLASSES
        return bool(self.leakage.suspects) or not are_known

    def _pack(self, name: str, packed: PackedRows, odd: Mapping[int, "_Row"]) -> None:
        assert self.packing is not None  # noqa: S101 it gave the codes
        rows = {at: self._packed(self.packing, row) for at, row in odd.items()}
        others = {at: row for at, row in rows.items() if row is not None}
        if not self.packing.is_void:
            self.packing.add_block(name, packed.replaced(others) if others else packed)

    def _odd(self, name: str, number: int, fields: Sequence[str]) -> "_Row":
        own = [""] * len(fields)
        for at, text in zip(self.layout.order, fields, strict=True):
            own[at] = text
        return _Row(own, self.layout.row(name, number, own))

    def _packed(self, packing: Packing, row: "_Row") -> PackedRow | None:
        return packing.packed(row.values, self.layout.reader.texts(row.fields, row.values))

    def _labels(self, found: ReadRows, odd: Mapping[int, "_Row"]) -> list[Value]:
        labels = list(found.values[-1])
        for at, row in odd.items():
            labels[at] = row.values[self.layout.order[0]]
        return labels

    def _labels_of(self, odd: Mapping[int, "_Row"]) -> list[Value]:
        return [row.values[self.layout.order[0]] for row in odd.values()]

    def _look(
        self, labels: Sequence[Value], columns: Mapping[int, Sequence[Value]], odd: Mapping[int, "_Row"]
    ) -> None:
        """For leaks, row by row; columns: values of the suspects."""
        target = self.layout.order[0]
        values: list[Value] = [nan] * len(self.layout.order)
        for at, label in enumerate(labels):
            values[target] = label
            for position, column in columns.items():
                values[position] = column[at]
            self.leakage.add(odd[at].values if at in odd else values)


class _Row(NamedTuple):
    """A row that the rules have read."""

    fields: list[str]
    values: list[Value]

"""Blocks of rows as the engine reads them: what is found is what a reading row by row finds, in the same order.

Where the engine, or the form of a block, leaves anything open, the rows are left to that reading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import nan
from typing import NamedTuple

from switchyard.core.data.csv_block import Block, next_block
from switchyard.core.data.packed.packed_file import Packing, pack
from switchyard.core.data.packed.packed_rows import PackedRow, PackedRows, Shape
from switchyard.core.data.rows import Value
from switchyard.core.data.target import LabelStatistics
from switchyard.core.ports import Forms, TypedRows
from switchyard.intake.rules.leakage import Leakage
from switchyard.intake.rules.table import Layout, Table


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
    def _shape(self) -> Shape:
        layout = self.layout
        places = tuple(layout.places[at] for at in layout.order)
        return Shape(layout.width, places, tuple(layout.kinds[at] for at in layout.order))

    def _block(self, name: str, table: Table, typed: TypedRows, block: Block) -> int:
        order, taken = self.layout.order, 0
        suspects = self.leakage.suspects
        wanted = [order.index(each) for each in suspects]
        for found in typed.read(block, wanted):
            odd = {at: self._odd(name, table.number + taken + at + 1, own) for at, own in found.odd.items()}
            labels = self._labels(found.packed, odd)
            self.labels.add_all(labels)
            if suspects:
                self._look(labels, dict(zip(suspects, found.values, strict=True)), odd)
            if self.packing is not None:
                packed = {at: self._packed(row) for at, row in odd.items()}
                self.packing.add_block(name, found.packed.replaced(packed) if odd else found.packed)
            taken += found.packed.rows
        return taken

    def _odd(self, name: str, number: int, fields: Sequence[str]) -> "_Row":
        own = [""] * len(fields)
        for at, text in zip(self.layout.order, fields, strict=True):
            own[at] = text
        return _Row(own, self.layout.row(name, number, own))

    def _packed(self, row: "_Row") -> PackedRow:
        return pack(self.layout.order, row.values, self.layout.reader.texts(row.fields, row.values))

    def _labels(self, packed: PackedRows, odd: Mapping[int, "_Row"]) -> list[Value]:
        """Each text is read once."""
        target = self.layout.order[0]
        texts = packed.targets.each()
        for at in odd:
            texts[at] = b""  # what is packed of it means nothing
        is_number = self.layout.kinds[target].is_numeric
        known = {text: float(text or nan) if is_number else text.decode() for text in set(texts)}
        labels: list[Value] = [known[text] for text in texts]
        for at, row in odd.items():
            labels[at] = row.values[target]
        return labels

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

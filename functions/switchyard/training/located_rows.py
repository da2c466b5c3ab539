"""The rows of a run's files by its contract, in their order: as the door has packed them, by blocks where the engine
reads them, or one by one.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

from switchyard.config.snapshot import Snapshots, packed_key
from switchyard.core.data.contract import Contract
from switchyard.core.data.contract_rows import ContractRows, Row, RowFault
from switchyard.core.data.csv_block import Block, next_block
from switchyard.core.data.csv_line import csv_rows
from switchyard.core.data.csv_text import BLOCK, CsvText
from switchyard.core.data.normalized_text import column_name
from switchyard.core.data.packed.packed_file import layout_name, read_packed
from switchyard.core.data.packed.packed_rows import PackedRow, PackedRows, ReadRows, packed_rows
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Forms

ROWS = 2048  # of a batch that is read one by one


class Batch(NamedTuple):
    """Rows of one file that follow each other. first: the number of the first row, as a person counts."""

    file: str
    first: int
    rows: PackedRows


@dataclass(frozen=True)
class LocatedRows:
    """forms: what reads blocks; without it all rows are read one by one."""

    contract: Contract
    snapshots: Snapshots
    forms: Forms | None = None
    block: int = BLOCK  # signs

    def of(self, keys: Sequence[str], snapshot: str = "") -> Iterator[Batch]:
        """snapshot: of which these are the files; rows that the door has packed are not read again."""
        is_plain = not self.contract.record and not self.contract.weight  # others are read one by one
        packed = packed_key(snapshot, self._layout) if snapshot and is_plain else ""
        if packed and self.snapshots.artifacts.exists(packed):
            yield from self._packed(packed)
            return
        forms = self.forms if is_plain else None
        for key in keys:
            text = self.snapshots.text(key, self.block)
            yield from _File(name_of(key), self.contract, text, forms).located()

    @property
    def _layout(self) -> str:
        target = ContractRows(self.contract, self.contract.columns).shape.kinds[0]
        return layout_name(target, self.contract.classes, self.contract.features)

    def _packed(self, key: str) -> Iterator[Batch]:
        pieces = self.snapshots.artifacts.chunks(key)
        for file, batches in groupby(read_packed(pieces), key=itemgetter(0)):
            first = 2  # below the header
            for _, rows in batches:
                yield Batch(file, first, rows)
                first += rows.rows


class _File:
    def __init__(self, name: str, contract: Contract, text: CsvText, forms: Forms | None) -> None:
        self._name, self._text, self._forms = name, text, forms
        self._rows = (fields for fields in csv_rows(iter(text), strict=False) if fields)
        self._reader = ContractRows(contract, list(map(column_name, next(self._rows))))
        self._number = 1

    def located(self) -> Iterator[Batch]:
        yield from self._by_blocks()
        while rows := [self._packed(self._reader.read(fields)) for fields in islice(self._rows, ROWS)]:
            yield self._batch(packed_rows(rows))

    def _batch(self, rows: PackedRows) -> Batch:
        """Those that were read last."""
        return Batch(self._name, self._number - rows.rows + 1, rows)

    def _packed(self, row: Row | RowFault) -> PackedRow:
        """InvalidDatasetError for what an older door admitted, or what was before `columns` said otherwise."""
        self._number += 1
        if isinstance(row, RowFault):
            raise InvalidDatasetError(f"{self._name}: row {self._number}, column '{row.column}': {row.said}")
        return self._reader.packed(row)

    def _by_blocks(self) -> Iterator[Batch]:
        block = self._next()
        if block is None or self._forms is None:
            return
        with self._forms.typed(self._reader.shape) as typed:
            while block is not None:
                before = self._number
                for rows in typed.read(block, (), self._reader.codes):
                    yield self._batch(self._mixed(rows))
                taken = self._number - before
                if not block.has(taken):
                    self._text.put_back(block.body)
                    for _ in range(taken):
                        next(self._rows)
                    return
                block = self._next()

    def _next(self) -> Block | None:
        return next_block(self._text, self._reader.shape.width) if self._forms is not None else None

    def _mixed(self, rows: ReadRows) -> PackedRows:
        """Where some are odd, the rules read these."""
        assert rows.packed is not None  # noqa: S101 it was asked for
        first, others = self._number, {}
        for at, own in rows.odd.items():
            self._number = first + at
            others[at] = self._packed(self._reader.read_own(own))
        self._number = first + rows.rows
        return rows.packed.replaced(others) if others else rows.packed


def name_of(key: str) -> str:
    """`<model>/snapshots/<digest>/data/a/b.csv` -> `a/b.csv`, as whoever dropped it knows it."""
    _, found, rest = key.partition("/data/")
    return rest if found else key.rsplit("/", 1)[-1]


def fields_of(line: bytes) -> list[str]:
    """Each by itself."""
    return next(csv.reader([line.decode()]))

"""The rows of a run's files by its contract, in their order: by blocks where the engine reads them, else one by one."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from switchyard.config.snapshot import Snapshots
from switchyard.core.data.contract import Contract
from switchyard.core.data.contract_rows import ContractRows, Row, RowFault
from switchyard.core.data.csv_block import Block, next_block
from switchyard.core.data.csv_line import csv_line
from switchyard.core.data.csv_text import BLOCK, CsvText
from switchyard.core.data.identity import packed_identity, packed_label
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Forms, TypedRows


class Located(NamedTuple):
    """A row by the run's contract. `number` as a person counts rows of `file`. target: as people write it; features: as
    a channel's line has them behind the label.
    """

    file: str
    number: int
    identity: str
    label: float
    target: str
    features: bytes


@dataclass(frozen=True)
class LocatedRows:
    """forms: what reads blocks; without it all rows are read one by one."""

    contract: Contract
    snapshots: Snapshots
    forms: Forms | None = None
    block: int = BLOCK  # signs

    def of(self, keys: Sequence[str]) -> Iterator[Located]:
        for key in keys:
            yield from _File(
                name_of(key), self.contract, self.snapshots.text(key, self.block), self.forms
            ).located()


class _File:
    def __init__(self, name: str, contract: Contract, text: CsvText, forms: Forms | None) -> None:
        self._name, self._text, self._forms = name, text, forms
        self._rows = (fields for fields in csv.reader(iter(text)) if fields)
        self._reader = ContractRows(contract, [column.strip() for column in next(self._rows)])
        self._number = 1
        self._labels: dict[bytes, tuple[float, str, bytes]] = {}
        self._is_known = bool(contract.classes)

    def located(self) -> Iterator[Located]:
        yield from self._by_blocks()
        for fields in self._rows:
            yield self._located(self._reader.read(fields))

    def _located(self, row: Row | RowFault) -> Located:
        self._number += 1
        if isinstance(row, RowFault):
            raise self._refused(row)
        return Located(self._name, self._number, row.identity, row.label, row.target, _end_of_line(row))

    def _refused(self, fault: RowFault) -> InvalidDatasetError:
        """What an older door admitted, or what was admitted before `columns` said otherwise."""
        return InvalidDatasetError(f"{self._name}: row {self._number}, column '{fault.column}': {fault.said}")

    def _by_blocks(self) -> Iterator[Located]:
        block = self._next()
        if block is None or self._forms is None:
            return
        with self._forms.typed(self._reader.shape) as typed:
            while block is not None:
                before = self._number
                yield from self._block(typed, block)
                taken = self._number - before
                if taken < block.rows:
                    self._text.put_back(block.body.decode())
                    for _ in range(taken):
                        next(self._rows)
                    return
                block = self._next()

    def _next(self) -> Block | None:
        return next_block(self._text, self._reader.shape.width) if self._forms is not None else None

    def _block(self, typed: TypedRows, block: Block) -> Iterator[Located]:
        for rows in typed.packed(block):
            at, width, numbers = 0, rows.width, rows.numbers
            for odd, target, features, words in zip(*rows[:4], strict=True):
                own = numbers[at : at + width]
                at += width
                if odd is not None:
                    yield self._located(self._reader.read_own(odd))
                    continue
                self._number += 1
                label, name, packed = self._labels.get(target) or self._label(target)
                identity = packed_identity(own, packed, words)
                yield Located(self._name, self._number, identity, label, name, features)

    def _label(self, target: bytes) -> tuple[float, str, bytes]:
        label = self._reader.label(target.decode())
        if isinstance(label, RowFault):
            raise self._refused(label)
        found = (*label, packed_label(label[0]))
        if self._is_known:
            self._labels[target] = found
        return found


def name_of(key: str) -> str:
    """`<model>/snapshots/<digest>/data/a/b.csv` -> `a/b.csv`, as whoever dropped it knows it."""
    _, found, rest = key.partition("/data/")
    return rest if found else key.rsplit("/", 1)[-1]


def fields_of(located: Located) -> list[str]:
    """The features, each by itself."""
    return next(csv.reader([located.features.decode()]))[1:]


def _end_of_line(row: Row) -> bytes:
    return csv_line(["0", *row.features])[1:].encode()

"""The rows of a run's files by its contract, in their order: by blocks where the engine reads them, else one by one."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from switchyard.config.snapshot import Snapshots
from switchyard.core.data.contract import Contract
from switchyard.core.data.contract_rows import ContractRows, Row, RowFault
from switchyard.core.data.csv_block import Block, next_block
from switchyard.core.data.csv_line import csv_line
from switchyard.core.data.csv_text import BLOCK, CsvText
from switchyard.core.data.identity import packed_identities, packed_label
from switchyard.core.data.normalized_text import column_name
from switchyard.core.data.packed_rows import PackedRows
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Forms

ROWS = 2048  # of a batch that is read one by one


class Located(NamedTuple):
    """A row by the run's contract. target: as people write it; features: the rest of a line of a channel."""

    identity: str
    label: float
    target: str
    features: bytes


class Batch(NamedTuple):
    """Rows of one file that follow each other; a list each for what Located has of one. first: the number of the first
    row, as a person counts.
    """

    file: str
    first: int
    identities: Sequence[str]
    labels: Sequence[float]
    targets: Sequence[str]
    features: Sequence[bytes]


@dataclass(frozen=True)
class LocatedRows:
    """forms: what reads blocks; without it all rows are read one by one."""

    contract: Contract
    snapshots: Snapshots
    forms: Forms | None = None
    block: int = BLOCK  # signs

    def of(self, keys: Sequence[str]) -> Iterator[Batch]:
        is_plain = not self.contract.record and not self.contract.weight  # others are read one by one
        forms = self.forms if is_plain else None
        for key in keys:
            yield from _File(
                name_of(key), self.contract, self.snapshots.text(key, self.block), forms
            ).located()


class _File:
    def __init__(self, name: str, contract: Contract, text: CsvText, forms: Forms | None) -> None:
        self._name, self._text, self._forms = name, text, forms
        self._rows = (fields for fields in csv.reader(iter(text)) if fields)
        self._reader = ContractRows(contract, list(map(column_name, next(self._rows))))
        self._number = 1
        self._labels: dict[bytes, tuple[float, str, bytes]] = {}
        self._is_known = bool(contract.classes)

    def located(self) -> Iterator[Batch]:
        yield from self._by_blocks()
        while rows := [self._located(self._reader.read(fields)) for fields in islice(self._rows, ROWS)]:
            yield self._batch(rows)

    def _batch(self, rows: Sequence[Located]) -> Batch:
        """Those that were read last."""
        return Batch(self._name, self._number - len(rows) + 1, *zip(*rows, strict=True))

    def _located(self, row: Row | RowFault) -> Located:
        self._number += 1
        if isinstance(row, RowFault):
            raise self._refused(row, self._number)
        return Located(row.identity, row.label, row.target, _end_of_line(row))

    def _refused(self, fault: RowFault, number: int) -> InvalidDatasetError:
        """What an older door admitted, or what was admitted before `columns` said otherwise."""
        return InvalidDatasetError(f"{self._name}: row {number}, column '{fault.column}': {fault.said}")

    def _by_blocks(self) -> Iterator[Batch]:
        block = self._next()
        if block is None or self._forms is None:
            return
        with self._forms.typed(self._reader.shape) as typed:
            while block is not None:
                before = self._number
                for rows in typed.packed(block):
                    yield self._mixed(rows) if any(rows.odd) else self._plain(rows)
                taken = self._number - before
                if taken < block.rows:
                    self._text.put_back(block.body.decode())
                    for _ in range(taken):
                        next(self._rows)
                    return
                block = self._next()

    def _next(self) -> Block | None:
        return next_block(self._text, self._reader.shape.width) if self._forms is not None else None

    def _plain(self, rows: PackedRows) -> Batch:
        """None of them is odd."""
        known, first = self._labels, self._number + 1
        found = [known.get(text) or self._label(text, at) for at, text in enumerate(rows.targets, first)]
        labels, names, packed = zip(*found, strict=True)
        identities = packed_identities(rows.each_numbers(), packed, rows.words)
        self._number += len(found)
        return Batch(self._name, first, identities, labels, names, rows.features)

    def _mixed(self, rows: PackedRows) -> Batch:
        """Some of them are odd: the rules read these."""
        found = []
        for odd, target, features, words, own in zip(*rows[:4], rows.each_numbers(), strict=True):
            if odd is not None:
                found.append(self._located(self._reader.read_own(odd)))
                continue
            self._number += 1
            label, name, packed = self._label(target, self._number)
            [identity] = packed_identities([own], [packed], [words])
            found.append(Located(identity, label, name, features))
        return self._batch(found)

    def _label(self, target: bytes, number: int) -> tuple[float, str, bytes]:
        label = self._reader.label(target.decode())
        if isinstance(label, RowFault):
            raise self._refused(label, number)
        found = (*label, packed_label(label[0]))
        if self._is_known:
            self._labels[target] = found
        return found


def name_of(key: str) -> str:
    """`<model>/snapshots/<digest>/data/a/b.csv` -> `a/b.csv`, as whoever dropped it knows it."""
    _, found, rest = key.partition("/data/")
    return rest if found else key.rsplit("/", 1)[-1]


def fields_of(features: bytes) -> list[str]:
    """Each by itself."""
    return next(csv.reader([features.decode()]))[1:]


def _end_of_line(row: Row) -> bytes:
    return csv_line(["0", *([row.weight] if row.weight else []), *row.features])[1:].encode()

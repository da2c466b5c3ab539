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
from switchyard.core.data.csv_line import csv_line, csv_rows
from switchyard.core.data.csv_text import BLOCK, CsvText
from switchyard.core.data.identity import packed_identities, packed_label
from switchyard.core.data.normalized_text import column_name
from switchyard.core.data.packed.packed_file import layout_name, read_packed
from switchyard.core.data.packed.packed_rows import PackedRows, ReadRows, Texts, packed_rows, texts_of
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
    """Rows of one file that follow each other; a member each for what Located has of one. first: the number of the
    first row, as a person counts.
    """

    file: str
    first: int
    identities: Sequence[str]
    labels: Sequence[float]
    targets: Sequence[str]
    features: Texts

    def each(self) -> Iterator[Located]:
        return map(Located, self.identities, self.labels, self.targets, self.features.each())


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
        return layout_name(target, self.contract.features)

    def _packed(self, key: str) -> Iterator[Batch]:
        pieces = self.snapshots.artifacts.chunks(key)
        labels = _Labels(ContractRows(self.contract, self.contract.columns))
        for file, batches in groupby(read_packed(pieces), key=itemgetter(0)):
            first = 2  # below the header
            for _, rows in batches:
                yield labels.located(file, first, rows)
                first += rows.rows


class _Labels:
    """What each text of the target means, read once."""

    def __init__(self, reader: ContractRows) -> None:
        self._reader, self._known = reader, dict[bytes, tuple[float, str, bytes]]()
        self._is_known = reader.has_classes

    def located(self, file: str, first: int, rows: PackedRows) -> Batch:
        """InvalidDatasetError names a row whose target is no class of the contract's."""
        texts, known = rows.targets.each(), self._known
        found = [known.get(text) or self._read(text, file, at) for at, text in enumerate(texts, first)]
        labels, names, packed = zip(*found, strict=True)
        identities = packed_identities(rows.each_numbers(), packed, rows.words.each())
        return Batch(file, first, identities, labels, names, rows.features)

    def _read(self, text: bytes, file: str, number: int) -> tuple[float, str, bytes]:
        label = self._reader.label(text.decode())
        if isinstance(label, RowFault):
            raise refused(file, number, label)
        found = (*label, packed_label(label[0]))
        if self._is_known:
            self._known[text] = found
        return found


class _File:
    def __init__(self, name: str, contract: Contract, text: CsvText, forms: Forms | None) -> None:
        self._name, self._text, self._forms = name, text, forms
        self._rows = (fields for fields in csv_rows(iter(text), strict=False) if fields)
        self._reader = ContractRows(contract, list(map(column_name, next(self._rows))))
        self._labels = _Labels(self._reader)
        self._number = 1

    def located(self) -> Iterator[Batch]:
        yield from self._by_blocks()
        while rows := [self._located(self._reader.read(fields)) for fields in islice(self._rows, ROWS)]:
            yield self._batch(rows)

    def _batch(self, rows: Sequence[Located]) -> Batch:
        """Those that were read last."""
        identities, labels, targets, features = zip(*rows, strict=True)
        first = self._number - len(rows) + 1
        return Batch(self._name, first, identities, labels, targets, texts_of(features))

    def _located(self, row: Row | RowFault) -> Located:
        self._number += 1
        if isinstance(row, RowFault):
            raise refused(self._name, self._number, row)
        return Located(row.identity, row.label, row.target, _end_of_line(row))

    def _by_blocks(self) -> Iterator[Batch]:
        block = self._next()
        if block is None or self._forms is None:
            return
        with self._forms.typed(self._reader.shape) as typed:
            while block is not None:
                before = self._number
                for rows in typed.read(block):
                    yield self._mixed(rows) if rows.odd else self._plain(rows.packed)
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
        found = self._labels.located(self._name, self._number + 1, rows)
        self._number += rows.rows
        return found

    def _mixed(self, rows: ReadRows) -> Batch:
        """Some of them are odd: the rules read these."""
        found = []
        for at, row in enumerate(rows.packed.each()):
            if at in rows.odd:
                found.append(self._located(self._reader.read_own(rows.odd[at])))
            else:
                found += self._plain(packed_rows([row])).each()
        return self._batch(found)


def refused(file: str, number: int, fault: RowFault) -> InvalidDatasetError:
    """What an older door admitted, or what was admitted before `columns` said otherwise."""
    return InvalidDatasetError(f"{file}: row {number}, column '{fault.column}': {fault.said}")


def name_of(key: str) -> str:
    """`<model>/snapshots/<digest>/data/a/b.csv` -> `a/b.csv`, as whoever dropped it knows it."""
    _, found, rest = key.partition("/data/")
    return rest if found else key.rsplit("/", 1)[-1]


def fields_of(features: bytes) -> list[str]:
    """Each by itself."""
    return next(csv.reader([features.decode()]))[1:]


def _end_of_line(row: Row) -> bytes:
    return csv_line(["0", *([row.weight] if row.weight else []), *row.features])[1:].encode()

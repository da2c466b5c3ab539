"""Rows of a table by the contract of the model that they are for."""

from collections.abc import Sequence
from typing import NamedTuple

from switchyard.core.data.classes import Classes, name_of
from switchyard.core.data.contract import Contract, Kind
from switchyard.core.data.identity import content_of, row_identity
from switchyard.core.data.numbers import is_missing, plain, weight_fault
from switchyard.core.data.packed.packed_rows import Codes, PackedRow, Shape, line_of
from switchyard.core.data.rows import RowReader, Value, fault, selecting


class Row(NamedTuple):
    """label: the class's index, or the number of a regression. target: as people write it. features: as every trainer
    and server reads them.
    """

    label: float
    target: str
    features: list[str]
    values: list[Value]
    weight: str = ""  # a number as it is written; "" where all rows count alike

    @property
    def identity(self) -> bytes:
        return row_identity([*self.values, self.label])


class RecordRow(Row):
    """An object and what is said of it: it is the same record, whatever is said."""

    @property
    def identity(self) -> bytes:
        return content_of(self.features[0])


class RowFault(NamedTuple):
    """A field that is none of its kind, or no class of the model."""

    column: str
    said: str


class ContractRows:
    """Reads rows of a table with this header, which has all of the contract's columns."""

    def __init__(self, contract: Contract, header: Sequence[str]) -> None:
        self._contract = contract
        self._classes = Classes(contract.classes)
        target = Kind.NUMBER if self._classes.are_numbers else Kind.CATEGORY
        self._names = (contract.target, *contract.names)
        self._reader = RowReader((target, *contract.kinds))
        self._places = tuple(header.index(name) for name in self._names)
        self._pick = selecting(self._places)
        self._weight = header.index(contract.weight) if contract.weight else None
        self._codes = _codes(contract.classes, target)
        self._row = RecordRow if contract.record else Row
        self.shape = Shape(len(header), self._places, self._reader.kinds)

    @property
    def codes(self) -> Codes:
        """Of the values of the target that are known to be classes; none of a regression."""
        return self._codes

    def packed(self, row: Row) -> PackedRow:
        """As the row goes to its channel."""
        code = int(row.label) if self._contract.classes else 0
        label = str(code) if self._contract.classes else row.target
        weight = [row.weight] if row.weight else []
        return PackedRow(row.identity, code, line_of(label, weight + row.features))

    def read(self, fields: Sequence[str]) -> Row | RowFault:
        row = self.read_own(self._pick(fields))
        return self._weighed(row, fields) if self._weight is not None and isinstance(row, Row) else row

    def _weighed(self, row: Row, fields: Sequence[str]) -> Row | RowFault:
        text = fields[self._weight or 0].strip()
        said = weight_fault(text)
        return RowFault(self._contract.weight, said) if said else row._replace(weight=plain(text))

    def read_own(self, own: Sequence[str]) -> Row | RowFault:
        """own: the fields of the contract's columns, the target first."""
        values = self._reader.values(own)
        if isinstance(values, int):
            return RowFault(self._names[values], fault(self._reader.kinds[values], own[values]))
        label = self._label(values[0], own[0])
        if isinstance(label, RowFault):
            return label
        texts = self._reader.texts(own, values)
        return self._row(label[0], label[1] or texts[0], texts[1:], values[1:])

    def _label(self, value: Value, text: str) -> tuple[float, str] | RowFault:
        """Index and name of the class; of a regression the number, which is written as it was."""
        if value != value or value == "" or is_missing(text):
            return RowFault(self._names[0], "the target is missing; remove the row, or write what was true")
        if not self._contract.classes:
            return float(value), ""
        if value not in self._codes:
            index = self._classes.index(value)
            if index is None:
                return RowFault(
                    self._names[0], f"the target is '{name_of(value)[:40]}', no class of the model"
                )
            self._codes[value] = index
        code = self._codes[value]
        return float(code), self._contract.classes[code]


def _codes(classes: Sequence[str], target: Kind) -> dict[Value, int]:
    """Of the classes as they are called."""
    return {float(name) if target.is_numeric else name: code for code, name in enumerate(classes)}

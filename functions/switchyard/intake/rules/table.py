"""A CSV file row by row: read, checked and forgotten. Every defect is named by file, row and column, with its remedy.

Values never appear in what is said of them: they may be personal data.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from switchyard.core.data.contract import Contract, Kind, is_nameless
from switchyard.core.data.csv_line import csv_rows
from switchyard.core.data.csv_text import CsvText
from switchyard.core.data.normalized_text import absent, column_name
from switchyard.core.data.numbers import is_missing
from switchyard.core.data.packed.packed_file import Packing
from switchyard.core.data.rows import RowReader, Value, fault, selecting
from switchyard.core.errors import AbsentColumnError, EmptyFileError, InvalidDatasetError
from switchyard.intake.rules.header import checked_columns, not_parted, repeats, stripped, where_the_header_is

Records = Iterable[tuple[int, list[str]]]  # each row with its number, as a person counts

# What the csv module says, in words that help.
_CSV_FAULTS = {
    "new-line character": "its lines end with CR alone; save it with LF or CRLF",
    "unexpected end of data": "a quote is opened and never closed",
    "expected after": "text follows a closing quote, or a blank; remove it, or write a quote within twice",
    "field larger than": "a field has over 131072 characters",
    "NUL": "there is a NUL byte in it; save it as UTF-8 text",
}


@dataclass
class Table:
    """A CSV file's header, and its rows as they stand. number: of the last that was read, as a person counts.

    text: what `records` are read from, for whoever takes a block of it; None of lines that come one by one.
    """

    columns: tuple[str, ...] = ()
    records: Iterator[tuple[int, list[str]]] = field(default_factory=lambda: iter(()))
    text: CsvText | None = None
    number: int = 1


@dataclass(frozen=True)
class Layout:
    """Which columns of a file are read, where they are, and what their fields are. `target` is one of `names`, and a
    number or a word. order: positions of the target, then of the features as channels have them.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    places: tuple[int, ...]
    target: str = ""
    width: int = -1
    remedy: str = ""  # what else may be done about a field that is none of its kind
    order: tuple[int, ...] = ()
    reader: RowReader = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reader", RowReader(self.kinds))

    def values(self, name: str, records: Records, packing: Packing | None = None) -> Iterator[list[Value]]:
        """The values of each row; InvalidDatasetError names the first field that is none of its kind.

        packing: takes the rows, too.
        """
        pick, row = selecting(self.places, self.width), self.row
        for number, fields in records:
            own = pick(fields)
            values = row(name, number, own)
            if packing is not None:
                packing.add(name, values, self.reader.texts(own, values))
            yield values

    def row(self, name: str, number: int, own: Sequence[str]) -> list[Value]:
        """own: the fields of the columns that are read."""
        values, target = self.reader.values(own), self.at_target
        if repeats(self.names, own):
            raise repeated(name, number)
        if isinstance(values, int):
            raise self.defect(name, number, values, own[values])
        if target is not None and (values[target] != values[target] or values[target] == ""):
            if all(map(is_missing, own)):
                raise InvalidDatasetError(f"{name}: row {number}: no value stands in it; remove it")
            raise self.defect(name, number, target, own[target])
        return values

    @cached_property
    def at_target(self) -> int | None:
        """Among the columns that are read."""
        return self.names.index(self.target) if self.target else None

    def defect(self, name: str, number: int, position: int, text: str) -> InvalidDatasetError:
        """position: among the columns that are read."""
        column, kind = self.names[position], self.kinds[position]
        said = fault(kind, text)
        if column == self.target and is_missing(text.strip()):
            said = "the target is missing; remove the row, or write what was true"
        elif column == self.target:
            said = f"the target: {said}" if said.startswith(("the ", "there ")) else f"the target is {said}"
        elif self.remedy:
            said = f"{said}; {self.remedy.format(column=column[:64], kind=kind)}"
        return InvalidDatasetError(
            f"{name}: row {number}, column '{column[:64]}': {said} (column {self.places[position] + 1})"
        )


def read_table(name: str, lines: Iterable[str], target: str, first: str = "") -> Table:
    """Reads a CSV with a header; an InvalidDatasetError names file and row of what is no row of it.

    A file without rows is no defect: tools that write in parts write such parts. first: the part before,
    if there is one.
    """
    reader = csv_rows(lines)
    table = Table(checked_columns(name, _header(name, reader), target, _readable(reader), first))
    table.text = lines if isinstance(lines, CsvText) else None
    table.records = _records(name, reader, table)
    return table


def _readable(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Up to the first that is no row."""
    with suppress(csv.Error):
        yield from rows


def read_features(
    name: str, lines: Iterable[str], contract: Contract, beside: Sequence[str] = ()
) -> Iterator[list[str]]:
    """The features of a CSV with a header, as the model reads them; other columns are left out, row by row.

    The columns `beside` follow as they stand; AbsentColumnError, before the first row, where there is no such column.
    """
    reader = csv_rows(lines)
    header = _header(name, reader)
    columns = stripped(name, header)
    _check_presence(name, columns, contract.names, beside, _readable(reader))
    places = tuple(columns.index(each) for each in contract.names)
    layout = Layout(contract.names, contract.kinds, places, remedy="the model was trained on it as a {kind}")
    others = [columns.index(each) for each in beside]
    named, number, pick = tuple(map(column_name, header)), 0, selecting(places)
    for number, fields in _records(name, reader, Table(columns)):
        if repeats(named, fields):
            raise repeated(name, number)
        row = list(pick(fields))
        values = layout.reader.values(row)
        if isinstance(values, int):
            raise layout.defect(name, number, values, row[values])
        yield layout.reader.texts(row, values) + [fields[index] for index in others]
    if not number:
        raise EmptyFileError(f"{name}: the file has a header but no rows; upload it with rows, or remove it")


def repeated(name: str, number: int) -> InvalidDatasetError:
    return InvalidDatasetError(
        f"{name}: row {number}: it repeats the header, as where files were joined; remove it"
    )


def _check_presence(
    name: str,
    columns: Sequence[str],
    features: Sequence[str],
    beside: Sequence[str],
    below: Iterable[Sequence[str]],
) -> None:
    missing = [feature for feature in features if feature not in columns]
    if missing:
        remedy = f"{absent(columns, missing[0])} add them, or score with a model that does not need them"
        if len(missing) == len(features):
            remedy = (
                not_parted(columns, missing[0]) or where_the_header_is(columns, missing[0], below) or remedy
            )
        raise InvalidDatasetError(
            f"{name}: row 1: {len(missing)} of the {len(features)} columns that the model was trained on are "
            f"missing, the first is '{missing[0][:64]}'; {remedy.strip()}"
        )
    twice = [column for column in (*features, *beside) if columns.count(column) > 1]
    if twice:
        raise InvalidDatasetError(
            f"{name}: row 1: a column name occurs twice: '{twice[0][:64]}'; give every column its own name"
        )
    lacking = [column for column in beside if column not in columns]
    if lacking:
        raise AbsentColumnError(f"{name}: row 1: there is no column '{lacking[0][:64]}'")


def _header(name: str, reader: Iterator[list[str]]) -> list[str]:
    try:
        header = next(reader)
    except StopIteration:
        header = []
    except csv.Error as error:
        raise unreadable(name, 1, error) from None
    if any(map(str.strip, header)):
        return header
    if any(any(map(str.strip, fields)) for fields in _readable(reader)):
        raise InvalidDatasetError(f"{name}: row 1: the line is empty; begin the file with its header")
    raise EmptyFileError(
        f"{name}: the file is empty; a header line and rows were expected; upload it whole, or remove it"
    )


def _records(name: str, reader: Iterator[list[str]], table: Table) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number, counted as a spreadsheet does; empty lines are passed over."""
    width, columns = len(table.columns), table.columns
    try:
        for fields in reader:
            table.number += 1
            if fields:
                if table.number == 2 and _is_rule(fields):
                    raise InvalidDatasetError(
                        f"{name}: row 2: it is a line below the header, no row; remove it"
                    )
                if len(fields) != width:
                    raise _ragged(name, table.number, fields, columns)
                yield table.number, fields
    except csv.Error as error:
        raise unreadable(name, table.number + 1, error) from None


def _is_rule(fields: Sequence[str]) -> bool:
    """As sqlcmd, psql and Markdown draw it: `--,---`, `---+---`, `:--|--:`."""
    drawn = "".join(fields)
    return len(drawn) > 1 and "-" in drawn and not drawn.strip("-+:| ")


def _ragged(name: str, number: int, fields: Sequence[str], columns: Sequence[str]) -> InvalidDatasetError:
    remedy = _about_width(number, fields, columns)
    return InvalidDatasetError(
        f"{name}: row {number}: {len(fields)} fields where the header has {len(columns)}; {remedy}"
    )


def _about_width(number: int, fields: Sequence[str], columns: Sequence[str]) -> str:
    """What such rows are mostly, and what to do."""
    more = len(fields) - len(columns)
    if not "".join(fields).strip(" \t\0\x1a"):
        return "no value stands in it; remove it"
    if len(fields) == 1 and fields[0].lstrip().startswith(("#", "//", "%", "--")):
        return "it is a comment; remove it"
    if more > 0 and not "".join(fields[len(columns) :]).strip():
        what, as_many = ("a separator ends", "one") if more == 1 else (f"{more} separators end", "as many")
        return f"{what} it; write {as_many} behind the header, too, or take them out"
    if more == -1 and is_nameless(columns[-1]):
        return "a separator ends the header; take it out, or write one behind every row"
    if more == 1 and number == 2:
        return "if its first field is a row's name, as R writes it, give it a name in the header"
    if more > 0:
        return "put fields that have a separator in them in quotes, or correct or remove the row"
    return "correct or remove the row"


def unreadable(name: str, number: int, error: csv.Error) -> InvalidDatasetError:
    """What the csv module says, in words that help."""
    said = [words for sign, words in _CSV_FAULTS.items() if sign in str(error)]
    return InvalidDatasetError(
        f"{name}: row {number}: not readable as CSV: {said[0] if said else 'correct the row'}"
    )

"""The holdout as it lies in the artifact bucket: a run's own, which is ours, or the owner's, which may be in any form.

It is read in one form alone, by bytes: what is scored at once begins at a byte of it. Another form is refused.
"""

import csv
from collections.abc import Iterator, Sequence

from switchyard.config.snapshot import Snapshots
from switchyard.core.data.contract import Contract
from switchyard.core.data.contract_rows import ContractRows, RowFault
from switchyard.core.data.normalized_text import column_name
from switchyard.core.errors import InvalidDatasetError
from switchyard.training.split_rows import Held

FORM = "write it as CSV in UTF-8, with commas between fields and LF or CRLF behind rows"
_OTHERS = (";", "\t", "|", "\r", "\0", "PAR1")  # that a line of another form holds, where ours is one column

Rows = Iterator[tuple[int, list[str]]]


def read_holdout(snapshots: Snapshots, key: str, contract: Contract, slices: Sequence[str]) -> Held:
    """Identities of its rows, by the run's contract; InvalidDatasetError for what cannot judge."""
    rows = _readable(key, snapshots.located_rows(key))
    at, header = next(rows, (0, []))
    columns = list(map(column_name, header))
    if len(header) == 1 and any(sign in header[0] for sign in _OTHERS):
        raise InvalidDatasetError(f"{key}: its header is one column; {FORM}")
    check_columns(key, columns, contract, slices)
    reader, held = ContractRows(contract, columns), Held()
    for number, (end, fields) in enumerate(rows, start=2):
        _refuse_ragged(key, number, fields, columns)
        row = reader.read(fields)
        if isinstance(row, RowFault):
            again = list(map(column_name, fields)) == columns
            said = "it repeats the header" if again else f"column '{row.column}': {row.said}"
            raise InvalidDatasetError(
                f"{key}: row {number}{':' if again else ','} {said}; correct the holdout"
            )
        held.add(row.identity, at)
        at = end
    if not held.rows:
        raise InvalidDatasetError(
            f"{key}: it has no row, so that nothing could be judged; put rows there, or delete it: a run takes its own"
        )
    return held


def _readable(key: str, rows: Rows) -> Rows:
    number = 0
    try:
        for number, row in enumerate(rows, start=1):  # noqa: B007 the count outlives the loop
            yield row
    except (UnicodeDecodeError, csv.Error):
        raise InvalidDatasetError(f"{key}: it is not readable behind row {number}; {FORM}") from None


def _refuse_ragged(key: str, number: int, fields: Sequence[str], columns: Sequence[str]) -> None:
    """Nothing behind the last separator is no field."""
    if len(fields) < len(columns) or any(fields[len(columns) :]):
        raise InvalidDatasetError(
            f"{key}: row {number}: {len(fields)} fields where the header has {len(columns)}; correct the holdout"
        )


def check_columns(key: str, header: Sequence[str], contract: Contract, slices: Sequence[str]) -> None:
    """InvalidDatasetError where the holdout lacks a column of the contract."""
    wanted = contract.columns
    missing = [name for name in wanted if name not in header]
    if missing:
        raise InvalidDatasetError(
            f"{key} lacks {len(missing)} columns of this dataset, the first is '{missing[0]}'; "
            f"drop a dataset with the holdout's columns, or replace the holdout"
        )
    unknown = [name for name in slices if name not in header]
    if unknown:
        raise InvalidDatasetError(
            f"evaluation.slices: {key} has no column '{unknown[0]}'; its columns begin with "
            f"{', '.join(header[:10])}; use one of them"
        )

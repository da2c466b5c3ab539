"""Chunks of the holdout: which there are, where each lies, and its rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from switchyard.core.data.contract import Contract
from switchyard.core.data.contract_rows import ContractRows, RowFault
from switchyard.core.data.csv_line import csv_line
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Storage
from switchyard.core.run import Run

Chunk = Mapping[str, int]


def all_chunks(artifacts: Storage, chunks: Mapping[str, Any]) -> list[Chunk]:
    """Every chunk, from the state's input or from the file that a Distributed Map reads."""
    found: list[Chunk] = json.loads(artifacts.read(chunks["key"])) if chunks["key"] else chunks["items"]
    return found


def sums_key(run: Run, chunk: Chunk) -> str:
    return f"{run.model}/evaluations/{run.run_id}/chunk-{chunk['first']}.json"


def chunk_file(chunk: Chunk) -> str:
    """The features of a chunk, as a transform job reads them."""
    return f"chunk-{chunk['first']}.csv"


def output_prefix(run: Run, variant: str) -> str:
    """Where the transform job of one model writes; `<input file>.out` holds a line a row."""
    return f"{run.model}/evaluations/{run.run_id}/transform/{variant}/"


def read_rows(
    contract: Contract, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> tuple[list[float], list[str]]:
    """Labels, and CSV lines as the model that was trained by this contract reads them."""
    reader, labels, lines = ContractRows(contract, header), [], []
    for fields in rows:
        row = reader.read(fields)
        if isinstance(row, RowFault):
            raise InvalidDatasetError(f"the holdout: column '{row.column}': {row.said}; correct the holdout")
        labels.append(row.label)
        lines.append(csv_line(row.features).removesuffix("\n"))
    return labels, lines

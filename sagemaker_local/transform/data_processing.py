"""DataProcessing: what of a record the model sees, and what of record and inference the output keeps.

"For CSV data, each row is taken as a JSON array." JSON records are objects or any other JSON value.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sagemaker_local.store import Document
from sagemaker_local.transform.selection import PathError, Selection

CONTENT_TYPES = ("text/csv", "application/json", "application/jsonlines")
_ROOT = "$"
_OPERATORS = "$[]*. ,:-'"


class DataProcessingError(Exception):
    """A record or an inference does not fit the filters; the text says which and why."""


def plain_type(content_type: str | None) -> str:
    """A content type without its parameters, in lower case."""
    return (content_type or "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class DataProcessing:
    """The three steps on single records: filter the input, join the inference, filter the output."""

    is_csv: bool
    is_joined: bool
    input_filter: Selection
    output_filter: Selection

    def requested(self, records: list[bytes]) -> bytes:
        """The body of the request for `records`."""
        if self.input_filter.is_root:
            return b"".join(records)
        kept = [self._written(self._select(self.input_filter, self._read(each))) for each in records]
        return b"\n".join(kept) + (b"\n" if len(kept) > 1 else b"")

    def results(self, records: list[bytes], body: bytes) -> list[bytes]:
        """One line of output a record, from the container's answer to all of them."""
        inferences = self._split(body, len(records))
        return [
            self._written(self._select(self.output_filter, self._joined(record, inference)))
            for record, inference in zip(records, inferences, strict=True)
        ]

    def _split(self, body: bytes, count: int) -> list[bytes]:
        if count == 1 and not self.is_csv:
            return [body]
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) != count:
            raise DataProcessingError(
                f"the container answered {len(lines)} lines to {count} records: they cannot be associated"
            )
        return lines

    def _joined(self, record: bytes, inference: bytes) -> Any:
        value = self._read(inference)
        if not self.is_joined:
            return value
        given = self._read(record)
        if self.is_csv:
            return given + value
        if isinstance(given, dict):
            return given | {"SageMakerOutput": value}
        return {"SageMakerInput": given, "SageMakerOutput": value}

    def _select(self, selection: Selection, value: Any) -> Any:
        try:
            return selection.of(value)
        except PathError as error:
            raise DataProcessingError(str(error)) from error

    def _read(self, text: bytes) -> Any:
        try:
            return _row(text) if self.is_csv else json.loads(text)
        except (ValueError, csv.Error) as error:
            kind = "CSV" if self.is_csv else "JSON"
            raise DataProcessingError(f"a record or an inference is not {kind}: {error}") from error

    def _written(self, value: Any) -> bytes:
        return _line(value) if self.is_csv else json.dumps(value, ensure_ascii=False).encode()


def data_processing(job: Document) -> DataProcessing | None:
    """What the job asks for, or None when records and inferences pass as they are.

    Raises `PathError` for a filter that is no path SageMaker supports.
    """
    asked = job.get("DataProcessing", {})
    processing = DataProcessing(
        is_csv=plain_type(job["TransformInput"].get("ContentType")) == "text/csv",
        is_joined=asked.get("JoinSource", "None") == "Input",
        input_filter=Selection(asked.get("InputFilter") or _ROOT),
        output_filter=Selection(asked.get("OutputFilter") or _ROOT),
    )
    is_plain = processing.input_filter.is_root and processing.output_filter.is_root
    return None if is_plain and not processing.is_joined else processing


def _row(text: bytes) -> list[Any]:
    rows = list(csv.reader(io.StringIO(text.decode(), newline="")))
    return list(rows[0]) if rows else []


def _line(value: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(value if isinstance(value, list) else [value])
    return text.getvalue().encode()


def _check_operators(member: str, text: str, kind: str, refuse: Callable[[str], Exception]) -> None:
    """In AWS's words (boto/boto3#3136). Of CSV "only index based JSONPaths can be applied, e.g. $[0], $[1:]"."""
    operators = _OPERATORS[:-1] if kind == "text/csv" else _OPERATORS
    is_known = str.isdecimal if kind == "text/csv" else str.isalnum
    for sign in text:
        if sign not in operators and not is_known(sign):
            shown = ", ".join(f"'{each}'" for each in operators)
            raise refuse(
                f'Invalid {member}: "{text}". Unexpected "{sign}" in JsonPath. Supported operators for "{kind}" are '
                f"[{shown}]"
            )


def check(job: Document, refuse: Callable[[str], Exception]) -> None:
    """Raise what `refuse` makes of a reason when the job's DataProcessing cannot work."""
    try:
        processing = data_processing(job)
    except PathError as error:
        raise refuse(f"DataProcessing: {error}.") from error
    if processing is None:
        return
    given, asked = job["TransformInput"].get("ContentType"), job["TransformOutput"].get("Accept")
    if plain_type(given) not in CONTENT_TYPES or plain_type(asked) != plain_type(given):
        raise refuse(
            "DataProcessing needs TransformInput.ContentType and TransformOutput.Accept to be the same one of "
            f"{', '.join(CONTENT_TYPES)}; found {given} and {asked}."
        )
    for member in ("InputFilter", "OutputFilter"):
        _check_operators(member, job["DataProcessing"].get(member, ""), plain_type(given), refuse)
    split, assembled = job["TransformInput"].get("SplitType"), job["TransformOutput"].get("AssembleWith")
    if processing.is_csv and (split, assembled) != ("Line", "Line"):
        raise refuse(
            "DataProcessing of text/csv needs SplitType and AssembleWith to be Line; "
            f"found {split or 'None'} and {assembled or 'None'}."
        )

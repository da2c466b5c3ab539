"""Records at the door: every object is read once, is what it is said to be, and says one thing."""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from switchyard.config.model_contract import ModelContract
from switchyard.core.data.contract import Kind
from switchyard.core.data.csv_line import csv_line
from switchyard.core.data.normalized_text import column_name
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.pipeline import SERVERLESS
from switchyard.core.ports import Forms, Storage, StoredObject
from switchyard.core.resources.media import MEDIA, Media, media_of
from switchyard.intake.checked import Checked
from switchyard.intake.drops import name_of
from switchyard.intake.reading import Reading
from switchyard.intake.rules.dataset import CLOSING_MARKERS, DataFile, Drop
from switchyard.intake.rules.header import repeats
from switchyard.intake.rules.inspection import Inspection
from switchyard.intake.rules.manifest import Entry, compare
from switchyard.intake.rules.record_labels import by_folder, by_table, json_rows, table_of
from switchyard.intake.rules.table import repeated

if TYPE_CHECKING:
    from switchyard.config.parts.pipeline_spec import PipelineSpec

TABLE = "records.csv"  # what each record is called, and what is said of it
_ROW = re.compile(rf"{re.escape(TABLE)}: row ([0-9]+), (.*?)(?: \(column [0-9]+\))?", re.DOTALL)
MOST_RECORDS = 100_000
MOST_BYTES = 5_000_000  # "6 MB" at most (InvokeEndpoint)
MOST_BYTES_SERVERLESS = 4_000_000  # "4 MB" (serverless endpoints)
MOST_BYTES_OF_ALL = 4 * 1024**3
MOST_TABLE_BYTES = 64 * 1024**2
READERS = 8


class Record(NamedTuple):
    """One object of the drop, read. name: within the folder."""

    item: StoredObject
    name: str
    sha256: str
    media: Media | None

    @property
    def kept_as(self) -> str:
        return f"{self.sha256}.{self.media.ending}" if self.media else ""


@dataclass(frozen=True)
class RecordsCheck:
    """Looks at the data bucket."""

    data: Storage
    forms: Forms

    def check(
        self, drop: Drop, objects: Sequence[StoredObject], spec: "PipelineSpec", known: ModelContract | None,
        entries: tuple[Entry, ...], folder: Path,
    ) -> Checked:  # fmt: skip
        """InvalidDatasetError names the first object that is unusable, and why."""
        files = _objects(drop, objects)
        table = table_of(drop.source, files)
        items = [each for name, each in files.items() if name != table]
        _refuse_large(items, MOST_BYTES_SERVERLESS if spec.deployment.mode == SERVERLESS else MOST_BYTES)
        read = self._read_all(items, drop)
        labels, dropped = self._labels(drop, files, table, spec.target)
        compare(entries, dropped | {each.name: _file(each) for each in read})
        kind = _kind(drop, read)
        if known is not None:
            known.check_record(drop.source, kind)
        kept = _kept(read, labels)
        return self._checked(kind, kept, spec, known, folder / TABLE)

    def _read_all(self, items: Sequence[StoredObject], drop: Drop) -> list[Record]:
        with ThreadPoolExecutor(READERS) as pool:
            return list(pool.map(lambda item: self._read(drop, item), items))

    def _read(self, drop: Drop, item: StoredObject) -> Record:
        body = b"".join(self.data.chunks(item.key, item.etag))
        return Record(item, name_of(drop, item), hashlib.sha256(body).hexdigest(), media_of(body))

    def _labels(
        self, drop: Drop, files: Mapping[str, StoredObject], table: str, target: str
    ) -> tuple[dict[str, str], dict[str, DataFile]]:
        """By name within the folder; and the table of labels, as it was dropped."""
        if not table:
            return by_folder(drop.source, files, target), {}
        item, place, folder = files[table], f"{drop.source}{table}", self.data.uri(drop.source)
        if item.size > MOST_TABLE_BYTES:
            raise InvalidDatasetError(
                f"{place}: {item.size} bytes; at most {MOST_TABLE_BYTES} are read; leave columns out"
            )
        body = b"".join(self.data.chunks(item.key, item.etag))
        rows = self._csv_rows(place, body) if table.lower().endswith(".csv") else json_rows(place, body)
        names = [name for name in files if name != table]
        file = DataFile(table, item.size, hashlib.sha256(body).hexdigest(), 0)
        return by_table(place, rows, target, folder, names), {table: file}

    def _csv_rows(self, place: str, body: bytes) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """In any dialect."""
        reader = csv.DictReader(
            Reading(place, iter([body]), self.forms).lines(), strict=True, skipinitialspace=True
        )
        reader.fieldnames = columns = list(map(column_name, reader.fieldnames or ()))
        twice = next((column for column in columns if columns.count(column) > 1), None)
        if twice is not None:
            raise InvalidDatasetError(
                f"{place}: row 1: a column name occurs twice: '{twice}'; give every column its own name"
            )
        for number, row in enumerate(reader, start=2):
            if None in row or None in row.values():
                raise InvalidDatasetError(
                    f"{place}: row {number}: it has not as many fields as the header; correct it"
                )
            if repeats(columns, list(row.values())):
                raise repeated(place, number)
            yield f"{place}: row {number}", row

    def _checked(
        self, kind: str, kept: Mapping[str, tuple[Record, str]], spec: "PipelineSpec", known: ModelContract | None,
        path: Path,
    ) -> Checked:  # fmt: skip
        """The table of the records passes the same door as any: its target says the problem and the classes."""
        lines = [csv_line([kind, spec.target]), *(csv_line([name, kept[name][1]]) for name in sorted(kept))]
        body = "".join(lines).encode()
        path.write_bytes(body)
        inspection = Inspection(spec.target, (kind,), known, {kind: Kind.RECORD.value}, spec.problem)
        with _told_by_object(kept):
            inspection.read(TABLE, iter(lines))
            inspection.finish()
        file = DataFile(TABLE, len(body), hashlib.sha256(body).hexdigest(), len(kept))
        records = tuple((record.item, name) for name, (record, _) in sorted(kept.items()))
        return Checked(
            (file,),
            (records[0][0],),
            inspection.columns,
            inspection.seen,
            (True,),
            (str(path),),
            records=records,
        )


@contextmanager
def _told_by_object(kept: Mapping[str, tuple[Record, str]]) -> Iterator[None]:
    """Nobody but us has seen the table of the records: a row of it is an object."""
    try:
        yield
    except InvalidDatasetError as error:
        found = _ROW.fullmatch(str(error))
        if found is None:
            raise
        record, _ = kept[sorted(kept)[int(found[1]) - 2]]
        raise InvalidDatasetError(f"{record.item.key}: {found[2]}") from None


def _objects(drop: Drop, objects: Sequence[StoredObject]) -> dict[str, StoredObject]:
    """By name within the folder, without what closes it."""
    if not drop.is_folder:
        raise InvalidDatasetError(
            f"{drop.source}: data.kind: records works with a folder, <model>/train/<version>/<class>/<file>, found one "
            f"object; drop a folder, and close it by _SUCCESS"
        )
    named = {name_of(drop, each): each for each in objects}
    files = {name: each for name, each in named.items() if name not in CLOSING_MARKERS}
    if not files:
        raise InvalidDatasetError(
            f"{drop.source}: the folder is closed but holds no record; upload some, then _SUCCESS again"
        )
    if len(files) > MOST_RECORDS:
        raise InvalidDatasetError(
            f"{drop.source}: {len(files)} objects; at most {MOST_RECORDS} records are taken at once; leave some out"
        )
    return files


def _file(record: Record) -> DataFile:
    return DataFile(record.name, record.item.size, record.sha256, 0)


def _refuse_large(items: Sequence[StoredObject], most: int) -> None:
    total = sum(each.size for each in items)
    if total > MOST_BYTES_OF_ALL:
        raise InvalidDatasetError(
            f"{total} bytes of records; at most {MOST_BYTES_OF_ALL} are taken at once; leave some out"
        )
    for each in items:
        if not 0 < each.size <= most:
            found = f"{each.size} bytes" if each.size else "it is empty"
            raise InvalidDatasetError(
                f"{each.key}: {found}; a record has 1 to {most} bytes, as a request to the endpoint may have; make it "
                f"smaller, or remove it"
            )


def _kind(drop: Drop, read: Sequence[Record]) -> str:
    """Of all of them alike."""
    if not read:
        raise InvalidDatasetError(
            f"{drop.source}: there is a table of labels and no object; upload the objects"
        )
    first = read[0]
    for each in read:
        if each.media is None:
            raise InvalidDatasetError(
                f"{each.item.key}: its first bytes are of no type that is known ({', '.join(MEDIA)}); convert or "
                f"remove it"
            )
        if first.media is not None and each.media.kind != first.media.kind:
            raise InvalidDatasetError(
                f"{each.item.key}: by its bytes it is of kind {each.media.kind}, and {first.name} of kind "
                f"{first.media.kind}; a dataset has records of one kind: remove it (a download that failed leaves its "
                f"error page)"
            )
    return first.media.kind if first.media else ""


def _kept(read: Sequence[Record], labels: Mapping[str, str]) -> dict[str, tuple[Record, str]]:
    """By the name that a record is kept by; the same content twice under one label is one record."""
    kept: dict[str, tuple[Record, str]] = {}
    for each in read:
        before, label = kept.setdefault(each.kept_as, (each, labels[each.name]))
        if label != labels[each.name]:
            raise InvalidDatasetError(
                f"{each.item.key}: it has the same content as {before.name}, and another label; keep one of the two"
            )
    return kept

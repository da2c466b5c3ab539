"""Is what was dropped complete, and is it sound? Every byte is read once, here, before anything is made of it."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchyard.config.model_contract import ModelContract
from switchyard.config.run_contract import dialect_of
from switchyard.config.snapshot import Snapshots
from switchyard.core.data.dialect import Dialect
from switchyard.core.errors import EmptyFileError, InvalidDatasetError
from switchyard.core.ports import Forms, Storage, StoredObject
from switchyard.core.uncollected import uncollected
from switchyard.intake.check_records import RecordsCheck
from switchyard.intake.checked import Checked
from switchyard.intake.drops import Drops, name_of
from switchyard.intake.kept_forms import KeptForm, KeptForms
from switchyard.intake.reading import Reading
from switchyard.intake.rules.dataset import CLOSING_MARKERS, DataFile, Drop
from switchyard.intake.rules.file_names import READ, is_table, unread
from switchyard.intake.rules.inspection import Inspection
from switchyard.intake.rules.manifest import Entry, compare
from switchyard.intake.rules.partitions import of_columns, partition_columns

if TYPE_CHECKING:
    from switchyard.config.parts.pipeline_spec import PipelineSpec

LEAST_PACKED = 2 * 1024**2  # bytes as they were dropped: fewer rows are soon read again
MAX_DATASET_BYTES = 4 * 1024**3  # what one Lambda can read and check within its 15 minutes


@dataclass(frozen=True)
class DatasetCheck:
    """Looks at the data bucket; the model's contract is in the artifact bucket."""

    data: Storage
    snapshots: Snapshots
    forms: Forms
    most_bytes: int = 0  # of a drop; 0: what one Lambda takes

    @property
    def drops(self) -> Drops:
        return Drops(self.data)

    @uncollected()
    def check(
        self,
        drop: Drop,
        objects: list[StoredObject],
        spec: "PipelineSpec",
        known: ModelContract | None,
        forms: KeptForms,
    ) -> Checked:
        """Reads every file; InvalidDatasetError names the first that is unusable, and where. known: what belongs to the
        model.
        """
        if known is not None:
            known.check_kind(drop.model, spec.data.is_records)
        if spec.data.is_records:
            records, entries = RecordsCheck(self.data, self.forms), self.drops.manifest(drop, objects)
            return records.check(drop, objects, spec, known, entries, forms.folder)
        files = self.files(drop, objects, any_type=spec.prepare is not None)
        entries = self.drops.manifest(drop, objects)
        if spec.prepare is None:
            return self._check_tables(drop, files, spec, known, entries, forms)
        checked = self._check_raw(drop, files)
        compare(entries, {file.name: file for file in checked.files})
        return checked

    def files(self, drop: Drop, objects: list[StoredObject], any_type: bool = False) -> list[StoredObject]:
        """The data among a drop's objects; InvalidDatasetError for what their names and sizes alone rule out."""
        files = _files(drop, objects)
        _refuse_unfit(files, any_type)
        _refuse_large(drop, files, self.most_bytes or MAX_DATASET_BYTES)
        return files

    def _check_tables(
        self,
        drop: Drop,
        objects: list[StoredObject],
        spec: "PipelineSpec",
        known: ModelContract | None,
        entries: tuple[Entry, ...],
        forms: KeptForms,
    ) -> Checked:
        dialect = dialect_of(spec.data.to_domain(), known)
        names = [name_of(drop, item) for item in objects]
        only = {spec.target, *known.contract.columns} if known else None
        partitions = partition_columns(names, {spec.target, *spec.columns}, only)
        is_large = sum(item.size for item in objects) >= LEAST_PACKED
        files, dropped, rewritten, read, empty = [], [], [], [], []
        with forms.packing() as packing:
            inspection = Inspection(
                spec.target, spec.may_copy_target, known, spec.columns, spec.problem, self.forms,
                packing.write if is_large else None,
            )  # fmt: skip
            for item in objects:
                try:
                    with forms.next() as kept:
                        reading = self.reading(drop, item, inspection.columns, dialect, partitions, kept)
                        rows = inspection.read(reading.name, reading.text())
                except EmptyFileError as error:  # packed or not: as one of no bytes is
                    empty.append(error)
                    dropped.append(DataFile(reading.name, item.size, reading.raw.hexdigest(), 0))
                    continue
                read.append(item)
                dropped.append(DataFile(reading.name, item.size, reading.raw.hexdigest(), rows))
                files.append(DataFile(reading.name, reading.size, reading.digest, rows))
                rewritten.append(reading.is_rewritten)
            if not read:
                raise empty[0]
            inspection.finish()
        compare(entries, {file.name: file for file in dropped})
        return Checked(
            tuple(files), tuple(read), inspection.columns, inspection.seen, tuple(rewritten),
            tuple(forms.paths), dialect, partitions,
            packed=(forms.packed, inspection.packed_by) if inspection.packed_by else ("", ""),
        )  # fmt: skip

    def reading(
        self,
        drop: Drop,
        item: StoredObject,
        known: Sequence[str],
        dialect: Dialect,
        partitions: Collection[str],
        kept: KeptForm | None = None,
    ) -> Reading:
        """The file in the one form that is trained from. known: columns of the files before it. partitions: columns
        that the names of its folders say.
        """
        name, chunks = name_of(drop, item), self.data.chunks(item.key, item.etag)
        beside = of_columns(name, partitions)
        return Reading(name, chunks, self.forms, known=known, dialect=dialect, beside=beside, kept=kept)

    def _check_raw(self, drop: Drop, objects: list[StoredObject]) -> Checked:
        """Files of any type: what is in them is for the preparation to read."""
        files = []
        for item in objects:
            digest = hashlib.sha256()
            for chunk in self.data.chunks(item.key, item.etag):
                digest.update(chunk)
            files.append(DataFile(name_of(drop, item), item.size, digest.hexdigest(), 0))
        return Checked(tuple(files), tuple(objects), (), None, (False,) * len(files), ("",) * len(files))


def _files(drop: Drop, objects: list[StoredObject]) -> list[StoredObject]:
    """The data among a drop's objects. An empty part beside full ones is what parallel writers leave."""
    files = [item for item in objects if item.key.removeprefix(drop.source) not in CLOSING_MARKERS]
    if not files:
        raise InvalidDatasetError(
            f"{drop.source}: the folder is closed but holds no data file; upload one, then _SUCCESS again"
        )
    return [item for item in files if item.size] or files


def _refuse_unfit(files: list[StoredObject], any_type: bool) -> None:
    for item in files:
        if not any_type and not is_table(item.key):
            remedy = unread(item.key) or "convert or remove it"
            raise InvalidDatasetError(f"{item.key}: only tables are read: {READ}; {remedy}")
        if item.size == 0:
            expected = "data was" if any_type else "a header line and rows were"
            raise InvalidDatasetError(
                f"{item.key}: the file is empty; {expected} expected; upload it whole, or remove it"
            )


def _refuse_large(drop: Drop, files: list[StoredObject], most: int) -> None:
    total = sum(item.size for item in files)
    if total > most:
        raise InvalidDatasetError(
            f"{drop.source}: {total} bytes; at most {most} are taken at once; leave rows out, make the table smaller "
            f"by a preparation (`prepare`), or deploy the image that takes larger tables (docs/data.md, How large)"
        )

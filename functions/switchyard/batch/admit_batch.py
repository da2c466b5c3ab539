"""Batch drops: checked file by file, started once with the champion, and settled with what became of every file."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from switchyard.batch.column_files import ColumnFile, write_column_files
from switchyard.batch.start_batch import start_batch
from switchyard.config.pipeline_file import pipeline_text
from switchyard.config.snapshot import Snapshots
from switchyard.core.batch_drop import Batch, BatchFile
from switchyard.core.champion import Champion
from switchyard.core.data.contract import Contract
from switchyard.core.data.guarded_parse import outside
from switchyard.core.errors import (
    AbsentColumnError,
    EmptyFileError,
    InvalidDatasetError,
    InvalidInputError,
    InvalidPipelineError,
)
from switchyard.core.ledger.ledger import Ledger, ended_at
from switchyard.core.ledger.records import sort_key
from switchyard.core.names import run_id
from switchyard.core.ports import Executions, Forms, Storage, StoredObject
from switchyard.core.run import RunState
from switchyard.intake.drops import Drops, name_of
from switchyard.intake.reading import Reading
from switchyard.intake.rules.dataset import (
    CLOSING_MARKERS,
    DataFile,
    Drop,
    digest_of,
    parse_drop,
)
from switchyard.intake.rules.manifest import compare
from switchyard.intake.rules.partitions import of_columns
from switchyard.intake.stray_objects import Strays
from switchyard.intake.upload_records import UploadRecords, refuse_names, refuse_no_model

MAX_ATTEMPTS = 9
MAX_BATCH_BYTES = 2 * 1024**3  # what one Lambda can read, check and write within its 15 minutes
LONGEST_FOLDER = 160  # <model>/batches/<drop>/challenger/predictions/, and .out behind the name
NO_CHAMPION = "the model has no champion yet; the drop is scored once it has one"


@dataclass(frozen=True)
class Challenger:
    """The challenger in rollout, and what its comparison needs of a drop."""

    run_id: str
    features: tuple[str, ...]
    id_column: str

    def files(self, batch: Batch, name: str, known: Sequence[str]) -> list[ColumnFile]:
        """Beside the champion's, whose columns are `known`."""
        own = (
            [] if self.features == tuple(known) else [ColumnFile(f"{batch.apart}input/{name}", self.features)]
        )
        ids = [ColumnFile(f"{batch.apart}ids/{name}", (self.id_column,))] if self.id_column else []
        return own + ids


@dataclass(frozen=True)
class AdmitBatch:
    """The door for `<model>/batch/`, and the start of the transform machine."""

    ledger: Ledger
    data: Storage
    artifacts: Storage
    snapshots: Snapshots
    executions: Executions
    forms: Forms

    @property
    def drops(self) -> Drops:
        return Drops(self.data)

    @property
    def strays(self) -> Strays:
        return Strays(self.ledger, self.data)

    @property
    def uploads(self) -> UploadRecords:
        return UploadRecords(self.ledger, self.data)

    def admit(self, key: str) -> str:
        """Handles one arrived object; answers what became of its drop, for the log."""
        drop = parse_drop(key, "batch")
        if drop is None:
            return self.strays.tell(key)
        objects = self.drops.objects(drop)
        if not objects:
            return "ignored: the object is gone again"
        upload = self.drops.upload(drop, objects)
        try:
            refuse_no_model(drop)
            with outside(self.data.uri(drop.source)):
                missing = self.drops.incomplete(drop, objects)
            if missing:
                return self.uploads.incomplete(drop, missing)
            refuse_names(self.data.uri(drop.source), objects, LONGEST_FOLDER)
            self.uploads.complete(drop)
            return self._admit(drop, objects, upload)
        except InvalidInputError as error:
            return self.uploads.invalid(drop, upload, error)

    def _admit(self, drop: Drop, objects: list[StoredObject], upload: str) -> str:
        source, champion = self.data.uri(drop.source), self.ledger.champion(drop.model)
        if champion is None and self._is_retired(drop.model):
            raise InvalidPipelineError(
                f"{drop.model}/pipeline.yaml: retire: the model is retired; take `retire: true` out and drop a dataset "
                f"under train/, then drop this again"
            )
        if champion is None:
            self.ledger.record_upload(drop.model, upload, source, RunState.WAITING, NO_CHAMPION)
            return f"WAITING: {NO_CHAMPION}"
        tables = _tables(drop, objects)
        files = list(self._digests(drop, tables))
        compare(self.drops.manifest(drop, objects), {file.name: file for file in files})
        digest = digest_of(files)
        batch = Batch(
            drop.model,
            run_id(drop.model, digest),
            digest,
            source,
            champion.run_id,
            champion.sagemaker_model,
            champion.artifact_sha256,
        )
        batch = self._attempt(batch, max(item.modified_at for item in objects))
        return self._enter(batch, drop, tables, champion, upload)

    def _is_retired(self, model: str) -> bool:
        from switchyard.config import door  # pydantic: loaded where a file is read

        declared = pipeline_text(self.artifacts, model)
        return declared is not None and door.retires(model, declared)

    def _digests(self, drop: Drop, tables: Sequence[StoredObject]) -> Iterator[DataFile]:
        """Identity first: what was scored before is not read again."""
        for item in tables:
            digest = hashlib.sha256()
            for chunk in self.data.chunks(item.key, item.etag):
                digest.update(chunk)
            yield DataFile(name_of(drop, item), item.size, digest.hexdigest(), 0)

    def _attempt(self, batch: Batch, arrived_at: float) -> Batch:
        """Dropped once more after its end, a drop is scored anew if it broke, or if another champion is live."""
        first = batch.batch_id
        for attempt in range(2, MAX_ATTEMPTS + 1):
            item = self.ledger.batch_item(batch.model, batch.batch_id)
            if item is None:
                return batch
            known, state = Batch.from_dict(json.loads(str(item["batch"]))), RunState(str(item["state"]))
            stands = known.champion == batch.champion and state not in (RunState.FAILED, RunState.ABORTED)
            if not state.is_terminal or stands:
                return known
            if arrived_at <= ended_at(item):
                return known
            batch = replace(batch, batch_id=f"{first}-r{attempt}")
        return batch

    def _enter(
        self, batch: Batch, drop: Drop, tables: Sequence[StoredObject], champion: Champion, upload: str
    ) -> str:
        item = self.ledger.batch_item(batch.model, batch.batch_id)
        if item is None:
            batch = self._write_input(batch, drop, tables, champion)
            arrived_at = max(each.modified_at for each in tables)
            self.ledger.create_batch(batch, arrived_at)
            item = self.ledger.batch_item(batch.model, batch.batch_id) or {}
        state, reason = RunState(str(item["state"])), str(item["reason"])
        self.ledger.record_upload(batch.model, upload, batch.source, state, reason, batch.batch_id)
        self.ledger.close(batch.model, sort_key("UPLOAD#", upload))  # it may have waited for a champion
        return f"{batch.batch_id}: {state if state.is_terminal else start_batch(self.ledger, self.executions, batch)}"

    def _write_input(
        self, batch: Batch, drop: Drop, tables: Sequence[StoredObject], champion: Champion
    ) -> Batch:
        """The sound files, as the champion reads them, and the challenger in rollout; a file with a bad row is named
        and left out. Answers the drop with its challenger, if there is a file to compare them on.
        """
        contract = self.snapshots.contract(champion.schema)
        challenger = self._challenger(batch.model)
        files, empty = [], []
        for item in tables:
            try:
                files.append(self._write_file(batch, name_of(drop, item), item, contract, challenger))
            except EmptyFileError as error:
                empty.append(str(error))
        if all(file.refused for file in files):
            raise InvalidDatasetError(files[0].refused if files else empty[0])
        body = json.dumps([asdict(file) for file in files], indent=1).encode()
        self.artifacts.write(f"{batch.folder}drop.json", body)
        comparable = any(not (file.refused or file.uncompared) for file in files)
        return replace(batch, challenger=challenger.run_id) if challenger and comparable else batch

    def _challenger(self, model: str) -> Challenger | None:
        run_id = self.ledger.compared(model)
        paired = self.snapshots.pipeline(self.ledger.run(model, run_id)).paired if run_id else None
        if paired is None:
            return None
        contract = self.snapshots.contract(f"{model}/prepared/{run_id}/schema.json")
        return Challenger(run_id, contract.names, paired.id_column)

    def _write_file(
        self,
        batch: Batch,
        name: str,
        item: StoredObject,
        contract: Contract,
        challenger: Challenger | None,
    ) -> BatchFile:
        features = contract.names
        own = [ColumnFile(f"{batch.folder}input/{name}", features)]
        beside = challenger.files(batch, name, features) if challenger else []
        ids = [column for each in beside for column in each.columns if column not in features]
        words = [each.name for each in contract.features if not each.kind.is_numeric]
        chunks = self.data.chunks(item.key, item.etag)
        said = of_columns(name, contract.names)
        reading = Reading(name, chunks, self.forms, [*ids, *words], dialect=contract.dialect, beside=said)
        try:
            with outside(name):
                rows = write_column_files(self.artifacts, name, reading.lines(), contract, [*own, *beside])
        except AbsentColumnError as error:
            return replace(self._write_file(batch, name, item, contract, None), uncompared=str(error))
        except EmptyFileError:
            raise
        except InvalidDatasetError as error:
            return BatchFile(name, refused=str(error))
        return BatchFile(name, reading.raw.hexdigest(), rows)


def _tables(drop: Drop, objects: list[StoredObject]) -> list[StoredObject]:
    tables = [item for item in objects if item.key.removeprefix(drop.source) not in CLOSING_MARKERS]
    tables = [item for item in tables if item.size] or tables  # an empty part beside full ones
    total = sum(item.size for item in tables)
    if not tables:
        raise InvalidDatasetError(
            f"{drop.source}: the folder is closed but holds no data file; upload one, then _SUCCESS again"
        )
    if total > MAX_BATCH_BYTES:
        raise InvalidDatasetError(
            f"{drop.source}: {total} bytes; at most {MAX_BATCH_BYTES} are taken at once; split the drop"
        )
    return tables

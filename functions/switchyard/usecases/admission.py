"""The door: an arrival becomes a run, waits, or is told what is wrong with it. Every upload leaves a record."""

import codecs
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from switchyard.contracts import pipeline as pipeline_door
from switchyard.contracts.ports import Storage, StoredObject
from switchyard.contracts.snapshot import freeze
from switchyard.domain.combinations import refused_change
from switchyard.domain.dataset import (
    CLOSING_MARKERS,
    MANIFEST,
    DataFile,
    Drop,
    digest_of,
    parse_drop,
    read_table,
)
from switchyard.domain.errors import (
    InvalidDatasetError,
    InvalidInputError,
    InvalidPipelineError,
    MissingError,
)
from switchyard.domain.labels import LabelStatistics
from switchyard.domain.names import is_model_name, run_id
from switchyard.domain.pipeline import Pipeline
from switchyard.domain.run import Run, RunState
from switchyard.usecases.ledger import Ledger
from switchyard.usecases.starting import Starting

MAX_ATTEMPTS = 9
TRIED_AGAIN = (RunState.FAILED, RunState.ABORTED, RunState.SUPERSEDED)
MAX_DATASET_BYTES = 4 * 1024**3  # what one Lambda can read and check within its 15 minutes


@dataclass(frozen=True)
class Checked:
    """A dataset that was read to the end and found sound."""

    files: tuple[DataFile, ...]
    objects: tuple[StoredObject, ...]
    columns: tuple[str, ...]
    labels: LabelStatistics


@dataclass(frozen=True)
class Admission:
    """Admits what arrives under `<model>/train/`."""

    ledger: Ledger
    data: Storage
    artifacts: Storage
    starting: Starting

    def admit(self, key: str) -> str:
        """Handles one arrived object; answers what became of its dataset, for the log."""
        drop = parse_drop(key)
        if drop is None:
            return "ignored: not under <model>/train/"
        objects = self._objects(drop)
        if not objects:
            return "ignored: the object is gone again"
        upload = self._upload(drop, objects)
        try:
            return self._admit(drop, objects, upload)
        except InvalidInputError as error:
            self.ledger.forget_upload(drop.model, f"{drop.source}#incomplete")
            self.ledger.record_upload(
                drop.model, upload, self.data.uri(drop.source), RunState.INVALID, str(error)
            )
            return f"INVALID: {error}"

    def admit_unseen(self, model: str) -> None:
        """Admits the newest drop of a model, if nobody has told us of it: an event can be lost."""
        found = self.data.list(f"{model}/train/")
        if not found:
            return
        newest = max(found, key=lambda item: (item.modified_at, item.key))
        drop = parse_drop(newest.key)
        if drop is None:
            return
        seen = {str(item["sk"]) for item in self.ledger.uploads(model)}
        if f"UPLOAD#{self._upload(drop, self._objects(drop))}" not in seen:
            self.admit(newest.key)

    def _upload(self, drop: Drop, objects: list[StoredObject]) -> str:
        return f"{drop.source}#{_fingerprint(objects)}"

    def _objects(self, drop: Drop) -> list[StoredObject]:
        listed = self.data.list(drop.source)
        return listed if drop.is_folder else [item for item in listed if item.key == drop.source]

    def _admit(self, drop: Drop, objects: list[StoredObject], upload: str) -> str:
        if not is_model_name(drop.model):
            raise InvalidPipelineError(
                f"{drop.source}: '{drop.model[:40]}' is no model name; use lower-case letters, digits and single "
                f"hyphens, at most 24 signs"
            )
        missing = self._incomplete(drop, objects)
        if missing:
            self._record_incomplete(drop, missing)
            return f"INCOMPLETE: {missing}"
        pipeline_text = self.pipeline_text(drop.model)
        target = pipeline_door.target_of(drop.model, pipeline_text)
        checked = self._check(drop, objects, target)
        pipeline = pipeline_door.parse(drop.model, pipeline_text, checked.labels)
        self._refuse_change(drop.model, pipeline)
        arrived_at = max(item.modified_at for item in objects)
        run = self._attempt(self._snapshot(drop, checked), arrived_at)
        self.artifacts.write(run.pipeline_key, freeze(pipeline), absent=True)
        self.ledger.forget_upload(drop.model, f"{drop.source}#incomplete")
        return self._enter(run, upload, arrived_at)

    def _refuse_change(self, model: str, pipeline: Pipeline) -> None:
        """A live endpoint cannot become one of every other mode."""
        champion = self.ledger.champion(model)
        refused = refused_change(champion.mode, pipeline.deployment.mode) if champion else None
        if refused:
            raise InvalidPipelineError(f"{model}/pipeline.yaml: {refused}")

    def _attempt(self, run: Run, arrived_at: float) -> Run:
        """A dataset whose run broke or never began, and that was dropped once more after that, is tried again."""
        for attempt in range(2, MAX_ATTEMPTS + 1):
            item = self.ledger.run_item(run.model, run.run_id)
            if item is None or RunState(str(item["state"])) not in TRIED_AGAIN:
                return run
            if arrived_at <= datetime.fromisoformat(str(item["ended_at"])).timestamp():
                return run
            run = replace(run, run_id=f"{run_id(run.model, run.digest)}-r{attempt}")
        return run

    def _record_incomplete(self, drop: Drop, missing: str) -> None:
        upload = f"{drop.source}#incomplete"
        self.ledger.record_upload(
            drop.model, upload, self.data.uri(drop.source), RunState.INCOMPLETE, missing
        )

    def _incomplete(self, drop: Drop, objects: list[StoredObject]) -> str:
        """Why a folder is not complete yet, or nothing."""
        if not drop.is_folder:
            return ""
        names = {item.key.removeprefix(drop.source): item for item in objects}
        if not any(marker in names for marker in CLOSING_MARKERS):
            return f"waiting for {drop.source}_SUCCESS or {drop.source}{MANIFEST} ({len(names)} files so far)"
        absent = [entry["name"] for entry in self._manifest(drop, names) if entry["name"] not in names]
        return f"waiting for {', '.join(absent[:5])} named in {MANIFEST}" if absent else ""

    def _manifest(self, drop: Drop, names: dict[str, StoredObject]) -> list[dict[str, Any]]:
        if MANIFEST not in names:
            return []
        try:
            entries = json.loads(self.data.read(f"{drop.source}{MANIFEST}"))["files"]
            return [
                {"name": str(e["name"]), "size": int(e["size"]), "sha256": str(e["sha256"])} for e in entries
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidDatasetError(
                f"{drop.source}{MANIFEST}: expected {{files: [{{name, size, sha256}}]}} as JSON ({error!r})"
            ) from None

    def pipeline_text(self, model: str) -> str:
        """The model's pipeline.yaml as it is now; InvalidPipelineError when there is none."""
        key = f"{model}/pipeline.yaml"
        try:
            return self.artifacts.read(key).decode()
        except MissingError:
            raise InvalidPipelineError(
                f"model {model} has no pipeline.yaml; put one at {self.artifacts.uri(key)}, then drop the dataset again"
            ) from None
        except UnicodeDecodeError as error:
            raise InvalidPipelineError(
                f"{self.artifacts.uri(key)}: not UTF-8 text ({error.reason})"
            ) from None

    def _check(self, drop: Drop, objects: list[StoredObject], target: str) -> Checked:
        tables = [item for item in objects if item.key.removeprefix(drop.source) not in CLOSING_MARKERS]
        _refuse_unfit(drop, tables)
        labels = LabelStatistics()
        files: list[DataFile] = []
        columns: tuple[str, ...] = ()
        for item in tables:
            name = item.key.removeprefix(drop.source) or item.key.rsplit("/", 1)[-1]
            file, header = self._check_file(name, item, target, labels)
            if columns and header != columns:
                raise InvalidDatasetError(f"{name}: row 1: its columns differ from those of {files[0].name}")
            columns = header
            files.append(file)
        names = {item.key.removeprefix(drop.source): item for item in objects}
        _compare_with_manifest(self._manifest(drop, names), files)
        return Checked(tuple(files), tuple(tables), columns, labels)

    def _check_file(
        self, name: str, item: StoredObject, target: str, labels: LabelStatistics
    ) -> tuple[DataFile, tuple[str, ...]]:
        digest, rows = hashlib.sha256(), 0
        table = read_table(name, _lines(name, self.data.chunks(item.key, item.etag), digest), target)
        position = table.columns.index(target)
        for rows, fields in enumerate(table.rows, start=1):  # noqa: B007 the count outlives the loop
            labels.add(float(fields[position]))
        return DataFile(name, item.size, digest.hexdigest(), rows), table.columns

    def _snapshot(self, drop: Drop, checked: Checked) -> Run:
        """The immutable copy that is trained from; named by content, so writing it twice is writing it once."""
        digest = digest_of(checked.files)
        prefix = f"{drop.model}/snapshots/{digest}/"
        for file, item in zip(checked.files, checked.objects, strict=True):
            self.artifacts.copy_from(self.data, item, f"{prefix}data/{file.name}")
        manifest = {
            "digest": digest,
            "source": self.data.uri(drop.source),
            "columns": checked.columns,
            "files": [vars(file) for file in checked.files],
            "labels": {"rows": checked.labels.rows, "distinct": sorted(checked.labels.distinct)},
        }
        self.artifacts.write(f"{prefix}manifest.json", json.dumps(manifest).encode(), absent=True)
        return Run(drop.model, run_id(drop.model, digest), digest, self.data.uri(drop.source), prefix)

    def _enter(self, run: Run, upload: str, arrived_at: float) -> str:
        is_new = self.ledger.create_run(run, arrived_at)
        state = self.ledger.state(run.model, run.run_id) or RunState.ADMITTED
        reason = "" if is_new else f"the same dataset as run {run.run_id}"
        self.ledger.record_upload(run.model, upload, run.source, state, reason, run.run_id)
        if self.ledger.state(run.model, run.run_id) is not state:  # it went on meanwhile
            state = self.ledger.carry_over(run.model, run.run_id) or state
        if state.is_terminal:
            return f"{state}: {reason}"
        return self.starting.start_or_wait(run, arrived_at)


def _fingerprint(objects: list[StoredObject]) -> str:
    listing = "\n".join(f"{item.key}\0{item.etag}" for item in objects)
    return hashlib.sha256(listing.encode()).hexdigest()[:12]


def _refuse_unfit(drop: Drop, tables: list[StoredObject]) -> None:
    if not tables:
        raise InvalidDatasetError(f"{drop.source}: the folder is closed but holds no data file")
    for item in tables:
        if not item.key.endswith(".csv"):
            raise InvalidDatasetError(f"{item.key}: only .csv files are read; convert or remove it")
        if item.size == 0:
            raise InvalidDatasetError(f"{item.key}: the file is empty; a header line and rows were expected")
    total = sum(item.size for item in tables)
    if total > MAX_DATASET_BYTES:
        raise InvalidDatasetError(
            f"{drop.source}: {total} bytes; at most {MAX_DATASET_BYTES} are taken at once"
        )


def _compare_with_manifest(entries: list[dict[str, Any]], files: list[DataFile]) -> None:
    found = {file.name: file for file in files}
    for entry in entries:
        file = found[entry["name"]]
        if (file.size, file.sha256) != (entry["size"], entry["sha256"]):
            raise InvalidDatasetError(
                f"{file.name}: {file.size} bytes, sha256 {file.sha256[:12]}; {MANIFEST} says {entry['size']} bytes, "
                f"{entry['sha256'][:12]}; upload the file again, then the manifest"
            )


def _lines(name: str, chunks: Iterator[bytes], digest: Any) -> Iterator[str]:
    """Decoded lines of a stream, hashing it on the way; the last line may lack its newline."""
    decoder, rest = codecs.getincrementaldecoder("utf-8-sig")(), ""
    try:
        for chunk in chunks:
            digest.update(chunk)
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            yield from (line + "\n" for line in lines)
        rest += decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise InvalidDatasetError(f"{name}: not UTF-8 text ({error.reason}); save it as UTF-8") from None
    if rest:
        yield rest

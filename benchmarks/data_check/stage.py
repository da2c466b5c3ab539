"""One step of a dataset's way on a folder instead of a bucket, in a process of its own, so that its peak is its own.

`python -m benchmarks.data_check.stage FOLDER TABLE WAY STEP` prints its CPU seconds, its peak memory and a digest of
what it found or wrote. WAY: `blocks`, or `rows` for the reading row by row. STEP: `check`, `prepare` (a holdout is
taken) or `again` (there is one).
"""

import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from benchmarks.memory import peak_megabytes
from switchyard.config import door
from switchyard.config.pipeline_json import pipeline_to_json
from switchyard.config.snapshot import Snapshots, holdout_key, own_holdout_key, packed_key, prepared_prefix
from switchyard.core.data.csv_block import Block
from switchyard.core.data.packed.packed_rows import Shape
from switchyard.core.errors import MissingError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Storage, StoredObject, TypedRows
from switchyard.core.run import Run
from switchyard.engine.table_files import EngineForms
from switchyard.intake.check_dataset import DatasetCheck
from switchyard.intake.kept_forms import KeptForms
from switchyard.intake.rules.dataset import Drop
from switchyard.training.cross_validation_rows import Folding
from switchyard.training.distributions import Distributions
from switchyard.training.prepare_dataset import PrepareDataset

MODEL, PIPELINE = "digits", "name: digits\ntarget: y\n"
PACKED, NOTHING = "_packed/", "//"
CHUNK = 1024**2


@dataclass(frozen=True)
class Folder:
    """What is asked here of ports.Storage."""

    root: Path
    hidden: str = NOTHING  # in names of objects that are not there
    bucket: str = "folder"

    def list(self, prefix: str) -> "list[StoredObject]":
        found = [path for path in self.root.rglob("*") if path.is_file()]
        keys = {str(path.relative_to(self.root)): path.stat() for path in found}
        return [
            StoredObject(key, at.st_size, "", at.st_mtime)
            for key, at in keys.items()
            if key.startswith(prefix)
        ]

    def chunks(self, key: str, _etag: str = "") -> Iterator[bytes]:
        with (self.root / key).open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def lines(self, key: str) -> Iterator[str]:
        with (self.root / key).open(encoding="utf-8", newline="\n") as file:
            yield from file

    def read(self, key: str) -> bytes:
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError:
            raise MissingError(key) from None

    def write(self, key: str, body: bytes) -> bool:
        (self.root / key).parent.mkdir(parents=True, exist_ok=True)
        return bool((self.root / key).write_bytes(body))

    def upload(self, key: str, path: str) -> None:
        (self.root / key).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, self.root / key)

    def delete(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)

    def digest(self, prefix: str) -> str:
        """Of all that is under the prefix, names and contents, but for packed rows: their batches differ."""
        found = hashlib.sha256()
        items = [item for item in self.list(prefix) if PACKED not in item.key]
        for item in sorted(items, key=lambda item: item.key):
            found.update(item.key.encode())
            for chunk in self.chunks(item.key):
                found.update(chunk)
        return found.hexdigest()

    def exists(self, key: str) -> bool:
        return self.hidden not in key and (self.root / key).exists()

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"


class _NoChampion:
    def champion(self, _model: str) -> None:
        return None


class RowByRow(EngineForms):
    """An engine that gives up at once, so that all rows are read one by one."""

    @contextmanager
    def typed(self, _shape: Shape) -> Iterator[TypedRows]:
        yield cast(TypedRows, self)

    def read(self, _block: Block, _wanted: Sequence[int] = (), _codes: Any = None) -> Iterator[Any]:
        return iter(())


def main(folder: Path, table: str, way: str, step: str) -> dict[str, Any]:
    store = Folder(folder, PACKED if way == "rows" else NOTHING)
    forms = RowByRow() if way == "rows" else EngineForms()
    run = Run(MODEL, f"{MODEL}-{table}", "ab" * 32, f"{table}.csv", f"{MODEL}/snapshots/{table}/")
    if step == "again":
        store.upload(holdout_key(MODEL), str(folder / own_holdout_key(run)))
    began, began_at = time.process_time(), time.perf_counter()
    if step == "check":
        _check(store, forms, table, run)
    else:
        _prepare(store, forms, run)
    taken = {"cpu_s": time.process_time() - began, "wall_s": time.perf_counter() - began_at}
    taken["peak_mb"] = peak_megabytes()
    store.delete(holdout_key(MODEL))
    return taken | {"digest": store.digest(run.snapshot if step == "check" else prepared_prefix(run))}


def _check(store: Folder, forms: EngineForms, table: str, run: Run) -> None:
    """Leaves the snapshot behind, for the next steps."""
    key, storage = f"{run.snapshot}data/{table}.csv", cast(Storage, store)
    check = DatasetCheck(storage, Snapshots(storage), forms)
    with tempfile.TemporaryDirectory() as place:
        drop, kept = Drop(MODEL, key, is_folder=False), KeptForms(Path(place))
        checked = check.check(drop, store.list(key), door.read(MODEL, PIPELINE), None, kept)
        packed, layout = checked.packed
        if packed:  # of many rows it is too large, and they are read again
            store.upload(packed_key(run.snapshot, layout), packed)
    assert checked.seen is not None
    [file] = checked.files
    manifest = {"files": [vars(file) | {"name": f"{table}.csv"}], "columns": checked.columns}
    store.write(f"{run.snapshot}manifest.json", json.dumps(manifest | checked.seen.to_dict()).encode())
    pipeline = door.parse(MODEL, PIPELINE, checked.seen.labels)
    store.write(run.pipeline_key, pipeline_to_json(pipeline))


def _prepare(store: Folder, forms: EngineForms, run: Run) -> None:
    storage = cast(Storage, store)
    snapshots, ledger = Snapshots(storage), cast(Ledger, _NoChampion())
    folding = Folding(storage, snapshots, ledger)
    PrepareDataset(storage, snapshots, Distributions(storage, ledger), folding, forms).prepare(run)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *sys.argv[2:])))

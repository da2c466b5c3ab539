"""A table's way from the door to its channels by version 330b475, which read every field in Python and numbers alone.

`python first_version.py CSV`, with that version's `functions` on the path, prints CPU seconds of the check and of the
preparation as JSON. `benchmarks.data_check --first-version` does so, of the same numeric table.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

NAME, PIPELINE = "digits/snapshots/numeric/", "name: digits\ntarget: y\n"


@dataclass(frozen=True)
class Bucket:
    """What that version asked of a bucket, on a folder."""

    root: Path
    bucket: str = "folder"

    def list(self, prefix: str) -> "list[Any]":
        stored = import_module("switchyard.contracts.ports").StoredObject
        found = [path for path in (self.root / prefix).rglob("*") if path.is_file()]
        return [stored(str(path.relative_to(self.root)), path.stat().st_size, "", 0.0) for path in found]

    def chunks(self, key: str, _etag: str = "") -> Iterator[bytes]:
        with (self.root / key).open("rb") as file:
            while chunk := file.read(1024**2):
                yield chunk

    def lines(self, key: str, _start: int = 0) -> Iterator[str]:
        with (self.root / key).open(encoding="utf-8", newline="\n") as file:
            yield from file

    def read(self, key: str) -> bytes:
        return (self.root / key).read_bytes()

    def write(self, key: str, body: bytes, absent: bool = False) -> bool:
        (self.root / key).parent.mkdir(parents=True, exist_ok=True)
        return bool((self.root / key).write_bytes(body)) or absent

    def upload(self, key: str, path: str) -> None:
        (self.root / key).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, self.root / key)

    def exists(self, key: str) -> bool:
        return (self.root / key).exists()

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"


def main(csv: Path, root: Path) -> dict[str, float]:
    bucket = Bucket(root)
    bucket.upload(f"{NAME}data/numeric.csv", str(csv))
    frozen = import_module("switchyard.usecases.frozen").Frozen(bucket)
    run = import_module("switchyard.domain.run").Run("digits", "digits-1", "ab" * 32, "numeric.csv", NAME)
    began = time.process_time()
    checked = _check(bucket, frozen)
    check = time.process_time() - began
    labels = {"rows": checked.labels.rows, "distinct": sorted(checked.labels.distinct)}
    files = [vars(file) | {"name": "numeric.csv"} for file in checked.files]
    manifest = {"files": files, "columns": checked.columns, "labels": labels}
    bucket.write(f"{NAME}manifest.json", json.dumps(manifest).encode())
    pipeline = import_module("switchyard.contracts.pipeline").parse("digits", PIPELINE, checked.labels)
    bucket.write(run.pipeline_key, import_module("switchyard.contracts.snapshot").freeze(pipeline))
    began = time.process_time()
    import_module("switchyard.usecases.preparation").Preparation(bucket, frozen).prepare(run)
    return {"check": check, "prepare": time.process_time() - began}


def _check(bucket: Bucket, frozen: Any) -> Any:
    drop = import_module("switchyard.domain.dataset").Drop
    spec = import_module("switchyard.contracts.pipeline").read("digits", PIPELINE)
    key = f"{NAME}data/numeric.csv"
    checking = import_module("switchyard.usecases.checking").Checking(bucket, frozen)
    return checking.check(drop("digits", key, is_folder=False), bucket.list(NAME), spec)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(main(Path(sys.argv[1]), Path(folder))))

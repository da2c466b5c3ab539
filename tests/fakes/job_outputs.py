"""What the fake jobs leave in the artifact bucket. source, output: S3 URIs of folders."""

import io
import json
import tarfile
from typing import Any

from switchyard.core.ports import Storage


def write_model(artifacts: Storage, uri: str) -> None:
    """Of a training job: a model that is told by where it lies."""
    artifacts.write(artifacts.key_of(uri), f"model {uri}".encode())


def write_processed(artifacts: Storage, source: str, output: str) -> None:
    """Of a processing job: the owner's program, or a preparation."""
    write = _write_losses if source.endswith("/program/answers/") else _write_table
    write(artifacts, artifacts.key_of(source), artifacts.key_of(output))


def _write_table(artifacts: Storage, source: str, output: str) -> None:
    """The rows of the snapshot, as one file."""
    for item in artifacts.list(source):
        artifacts.write(f"{output}part-0.csv", artifacts.read(item.key))


def _write_losses(artifacts: Storage, source: str, output: str) -> None:
    """1 a row, for whichever model."""
    for item in artifacts.list(source):
        rows = len(artifacts.read(item.key).splitlines()) - 1
        file = "/".join(item.key.split("/")[-2:])
        artifacts.write(f"{output}{file}", b"1\n" * rows)


def out_of_fold(content: Any, name: str = "out-of-fold.json") -> bytes:
    """output.tar.gz of a training job that was asked for cross-validation."""
    body, packed = json.dumps(content).encode(), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        member = tarfile.TarInfo(name)
        member.size = len(body)
        made.addfile(member, io.BytesIO(body))
    return packed.getvalue()

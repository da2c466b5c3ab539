"""What the fake jobs leave in the artifact bucket. source, output: S3 URIs of folders."""

import io
import json
import tarfile
from typing import Any

from switchyard.config.snapshot import Snapshots
from switchyard.core.ports import Storage
from switchyard.engine.table_files import EngineForms
from switchyard.intake.check_dataset import DatasetCheck
from switchyard.training.cross_validation_rows import Folding
from switchyard.training.dataset_job import DatasetJob
from switchyard.training.dataset_order import Order, Told
from switchyard.training.distributions import Distributions
from switchyard.training.prepare_dataset import PrepareDataset


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


def dataset_job(data: Storage, artifacts: Storage, order: Order) -> DatasetJob:
    """As runtime.wiring joins it."""
    forms, snapshots, told = EngineForms(), Snapshots(artifacts), Told(order)
    prepare = PrepareDataset(
        artifacts, snapshots, Distributions(artifacts, told), Folding(artifacts, snapshots, told), forms
    )
    return DatasetJob(data, artifacts, DatasetCheck(data, snapshots, forms), prepare)


def work_dataset(data: Storage, artifacts: Storage, key: str) -> None:
    """Of a dataset job: the real one, on a machine that holds."""
    order = Order.from_json(artifacts.read(key))
    dataset_job(data, artifacts, order).work(order)


def out_of_fold(content: Any, name: str = "out-of-fold.json") -> bytes:
    """output.tar.gz of a training job that was asked for cross-validation."""
    body, packed = json.dumps(content).encode(), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        member = tarfile.TarInfo(name)
        member.size = len(body)
        made.addfile(member, io.BytesIO(body))
    return packed.getvalue()

"""Channels of records: a list of objects for each side, which SageMaker brings as files, and what is said of them."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

from switchyard.config.snapshot import channel_key, prepared_prefix
from switchyard.core.ports import Storage
from switchyard.core.resources.media import FOLDER
from switchyard.core.run import Run
from switchyard.training.channels import HOLDOUT_FILE

# A channel of its own: `train.csv` and `validation.csv`, the label first, then the file's name.
LABELS = "labels"


def write_channels(artifacts: Storage, run: Run, files: Iterable[tuple[str, str]]) -> None:
    """files: as those of a table are called, and where each lies."""
    for name, path in files:
        if name == HOLDOUT_FILE:
            artifacts.upload(f"{prepared_prefix(run)}{name}", path)
            continue
        side = name.partition("/")[0]
        artifacts.upload(f"{prepared_prefix(run)}{LABELS}/{side}.csv", path)
        listed = [{"prefix": artifacts.uri(f"{run.model}/{FOLDER}")}, *_records(path)]
        artifacts.write(channel_key(run, side, is_records=True), json.dumps(listed).encode())


def _records(path: str) -> list[str]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return [name for _, name in csv.reader(file)]

"""State PrepareDataset: channels and holdout from the snapshot, or what a dataset job has said."""

from collections.abc import Mapping
from typing import Any

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.training import prepare_run


@entry
def handler(event: Event) -> Mapping[str, Any]:
    return prepare_run().prepare(Run.from_dict(event["run"]))

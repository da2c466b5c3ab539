"""State PrepareDataset: channels and holdout from the snapshot."""

from typing import Any

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.training import prepare_dataset


@entry
def handler(event: Event) -> dict[str, Any]:
    return prepare_dataset().prepare(Run.from_dict(event["run"]))

"""State CollectPredictions: what became of every file, in a manifest beside the predictions."""

from switchyard.core.batch_drop import Batch
from switchyard.core.execution_end import readable
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.batch import transform_drop


@entry
def handler(event: Event) -> dict[str, str]:
    error = event.get("error") or {}
    trouble = readable(error.get("Error", ""), error.get("Cause", ""))
    return transform_drop().collect(Batch.from_dict(event["batch"]), trouble)

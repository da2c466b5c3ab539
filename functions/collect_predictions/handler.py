"""State CollectPredictions: what became of every file, in a manifest beside the predictions."""

from switchyard.core.batch_drop import Batch
from switchyard.core.failure import readable
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> dict[str, str]:
    error = event.get("error") or {}
    trouble = readable(error.get("Error", ""), error.get("Cause", ""))
    return wiring.transform_drop().collect(Batch.from_dict(event["batch"]), trouble)

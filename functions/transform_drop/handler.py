"""States TransformDrop and TransformForChallenger: a batch drop through one of the two models, as a transform job."""

from switchyard.core.batch_drop import Batch
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> None:
    """{batch, token}; with "by": "challenger" its predictions are kept apart."""
    transform_drop, batch = wiring.transform_drop(), Batch.from_dict(event["batch"])
    if event.get("by") == "challenger":
        transform_drop.transform_apart(batch, event["token"])
    else:
        transform_drop.transform(batch, event["token"])

"""States TransformDrop and TransformForChallenger: a batch drop through one of the two models, as a transform job."""

from switchyard.core.batch_drop import Batch
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.batch import transform_drop


@entry
def handler(event: Event) -> None:
    """{batch, token}; with "by": "challenger" its predictions are kept apart."""
    batch = Batch.from_dict(event["batch"])
    if event.get("by") == "challenger":
        transform_drop().transform_apart(batch, event["token"])
    else:
        transform_drop().transform(batch, event["token"])

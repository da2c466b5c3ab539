"""States TransformDrop and TransformForChallenger: a batch drop through one of the two models, as a transform job."""

from switchyard.core.batch_drop import Batch
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> None:
    """{batch, token}; with "by": "challenger" its predictions are kept apart."""
    predicting, batch = wiring.predicting(), Batch.from_dict(event["batch"])
    if event.get("by") == "challenger":
        predicting.transform_apart(batch, event["token"])
    else:
        predicting.transform(batch, event["token"])

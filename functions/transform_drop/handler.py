"""State TransformDrop: a batch drop through the champion's model, as a transform job."""

from switchyard.domain.batch import Batch
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> None:
    wiring.predicting().transform(Batch.from_dict(event["batch"]), event["token"])

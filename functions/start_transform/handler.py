"""State StartTransform: the holdout through one model, as a batch transform job."""

from switchyard.core.run import Run
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> None:
    wiring.transform_holdout().start(Run.from_dict(event["run"]), event["job"], event["token"])

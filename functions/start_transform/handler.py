"""State StartTransform: the holdout through one model, as a batch transform job."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.evaluation import transform_holdout


@entry
def handler(event: Event) -> None:
    transform_holdout().start(Run.from_dict(event["run"]), event["job"], event["token"])

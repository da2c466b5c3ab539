"""State StartTraining: the run's training job; its event answers the token."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.training import start_training


@entry
def handler(event: Event) -> None:
    channels = event["prepared"]["channels"]
    start_training().start(Run.from_dict(event["run"]), channels, event["token"])

"""State StartTuning: the run's tuning job; its event answers the token with the best training job's model."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.training import start_training


@entry
def handler(event: Event) -> None:
    channels = event["prepared"]["channels"]
    start_training().start_tuning(Run.from_dict(event["run"]), channels, event["token"])

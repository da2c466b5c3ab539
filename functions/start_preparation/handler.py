"""State StartPreparation: a processing job makes a clean table of what was dropped; its event answers the token."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.training import start_training


@entry
def handler(event: Event) -> None:
    start_training().start_preparation(Run.from_dict(event["run"]), event["token"])

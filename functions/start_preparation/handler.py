"""State StartPreparation: a processing job makes a clean table of what was dropped; its event answers the token."""

from switchyard.core.run import Run
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> None:
    wiring.start_training().start_preparation(Run.from_dict(event["run"]), event["token"])

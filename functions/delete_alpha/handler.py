"""State DeleteAlpha: the alpha endpoint goes, whatever the verdict."""

from switchyard.core.run import Run
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> None:
    wiring.alpha_endpoint().delete(Run.from_dict(event["run"]))

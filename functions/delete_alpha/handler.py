"""State DeleteAlpha: the alpha endpoint goes, whatever the verdict."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.evaluation import alpha_endpoint


@entry
def handler(event: Event) -> None:
    alpha_endpoint().delete(Run.from_dict(event["run"]))

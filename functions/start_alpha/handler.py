"""State StartAlpha: challenger and champion on an endpoint of their own."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.evaluation import alpha_endpoint


@entry
def handler(event: Event) -> None:
    alpha_endpoint().start(Run.from_dict(event["run"]), event["training"]["artifact"], event["token"])

"""State StartRollout: beside the champion at the first step, or alone on a first deployment."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.rollout import shift_traffic


@entry
def handler(event: Event) -> None:
    shift_traffic().start(Run.from_dict(event["run"]), event["alpha"], event["token"])

"""States ShiftTraffic and ShiftAllTraffic: the weights of one step."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.rollout import shift_traffic


@entry
def handler(event: Event) -> None:
    run = Run.from_dict(event["run"])
    shift_traffic().shift(run, event["rollout"], event["action"], event["token"])

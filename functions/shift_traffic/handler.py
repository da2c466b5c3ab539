"""States ShiftTraffic and ShiftAllTraffic: the weights of one step."""

from switchyard.core.run import Run
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> None:
    run = Run.from_dict(event["run"])
    wiring.shift_traffic().shift(run, event["rollout"], event["action"], event["token"])

"""State PromoteChallenger: the champion's variant goes."""

from switchyard.core.run import Run
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> None:
    wiring.shift_traffic().promote(Run.from_dict(event["run"]), event["rollout"], event["token"])

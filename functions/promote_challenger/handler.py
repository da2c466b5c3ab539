"""State PromoteChallenger: the champion's variant goes."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.rollout import shift_traffic


@entry
def handler(event: Event) -> None:
    shift_traffic().promote(Run.from_dict(event["run"]), event["rollout"], event["token"])

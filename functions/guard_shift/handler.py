"""State GuardShift: SageMaker shifts the traffic, and its guardrails take it back."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.rollout import guard_shift


@entry
def handler(event: Event) -> None:
    guard_shift().shift(Run.from_dict(event["run"]), event["rollout"], event["token"])

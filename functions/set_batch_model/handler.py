"""State SetBatchModel: a batch model goes live by being the champion; what was judged is what is set."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.rollout import shift_traffic


@entry
def handler(event: Event) -> dict[str, str]:
    return shift_traffic().set_batch_model(Run.from_dict(event["run"]), event["alpha"])

"""State JudgeHoldout: the offline gate."""

from switchyard.core.run import Run
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> dict[str, str]:
    return wiring.judge_holdout().judge(
        Run.from_dict(event["run"]), event["alpha"], event["prepared"]["chunks"]
    )

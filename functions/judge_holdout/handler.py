"""State JudgeHoldout: the offline gate."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.evaluation import judge_holdout


@entry
def handler(event: Event) -> dict[str, str]:
    return judge_holdout().judge(Run.from_dict(event["run"]), event["alpha"], event["prepared"]["chunks"])

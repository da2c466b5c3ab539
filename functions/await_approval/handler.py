"""State AwaitApproval: a person says yes or no in the model registry."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.evaluation import model_registry


@entry
def handler(event: Event) -> None:
    run, arn = Run.from_dict(event["run"]), event["package"]["arn"]
    model_registry().await_approval(run, arn, event["token"])

"""State RegisterModel: a model package with its evaluation."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.evaluation import model_registry


@entry
def handler(event: Event) -> dict[str, str]:
    artifact, evaluation = event["training"]["artifact"], event["gate"]["evaluation"]
    return model_registry().register(Run.from_dict(event["run"]), artifact, evaluation)

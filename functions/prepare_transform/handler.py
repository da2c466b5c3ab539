"""State PrepareTransform: what the transform jobs of both models read."""

from typing import Any

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.evaluation import transform_holdout


@entry
def handler(event: Event) -> dict[str, Any]:
    run = Run.from_dict(event["run"])
    return transform_holdout().prepare(run, event["prepared"], event["training"]["artifact"])

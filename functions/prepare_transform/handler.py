"""State PrepareTransform: what the transform jobs of both models read."""

from typing import Any

from switchyard.core.run import Run
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> dict[str, Any]:
    run = Run.from_dict(event["run"])
    return wiring.transform_holdout().prepare(run, event["prepared"], event["training"]["artifact"])

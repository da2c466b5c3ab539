"""Every few minutes: models whose live input has drifted from their training data are asked to retrain."""

from typing import Any

from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.triggers import check_drift


@entry
def handler(_event: Event) -> dict[str, Any]:
    """A schedule's event. Answers what was found, a line each."""
    done = check_drift().tick()
    logger.info("drift", extra={"done": done})
    return {"done": done}

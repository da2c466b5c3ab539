"""Every few minutes: models whose live input has drifted from their training data are asked to retrain."""

from typing import Any

from switchyard.runtime import wiring
from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry


@entry
def handler(_event: Event) -> dict[str, Any]:
    """A schedule's event. Answers what was found, a line each."""
    done = wiring.check_drift().tick()
    logger.info("drift", extra={"done": done})
    return {"done": done}

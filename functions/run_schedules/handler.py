"""Every few minutes: models whose schedule is due are asked to retrain."""

from typing import Any

from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.triggers import run_schedules


@entry
def handler(_event: Event) -> dict[str, Any]:
    """A schedule's event. Answers what was done, a line each."""
    done = run_schedules().tick()
    logger.info("schedules", extra={"done": done})
    return {"done": done}

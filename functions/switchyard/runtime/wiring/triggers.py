"""Schedules, drift and requests to retrain, joined with what they need."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters
from switchyard.runtime.wiring.intake import admission

if TYPE_CHECKING:
    from switchyard.triggers.check_drift import CheckDrift
    from switchyard.triggers.retraining import Retraining
    from switchyard.triggers.run_schedules import RunSchedules


@cache
def retraining() -> "Retraining":
    from switchyard.triggers.retraining import Retraining

    return Retraining(adapters.ledger(), adapters.artifacts(), admission(), adapters.clock)


@cache
def run_schedules() -> "RunSchedules":
    from switchyard.core.ledger.each_model import AT_ONCE
    from switchyard.triggers.run_schedules import RunSchedules

    return RunSchedules(adapters.ledger(), adapters.artifacts(), adapters.requests(), adapters.clock, AT_ONCE)


@cache
def check_drift() -> "CheckDrift":
    from switchyard.triggers.check_drift import CheckDrift

    return CheckDrift(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.requests(),
        adapters.clock,
    )

"""Capacity, budgets and cost of runs, joined with what they need."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters

if TYPE_CHECKING:
    from switchyard.spending.capacity import Capacity
    from switchyard.spending.run_budget import RunBudget
    from switchyard.spending.run_cost import RunCost


@cache
def capacity() -> "Capacity":
    from switchyard.core.resources.pools import limits_of
    from switchyard.spending.capacity import DAY, Capacity

    own = adapters.settings().environment
    limits, patience = (
        limits_of(own.get("INSTANCE_LIMITS", "")),
        float(own.get("CAPACITY_WAIT_DAYS", "7")) * DAY,
    )
    return Capacity(
        adapters.ledger(),
        adapters.control(),
        adapters.tokens(),
        adapters.clock,
        limits,
        adapters.notices(),
        patience,
    )


@cache
def run_budget() -> "RunBudget":
    from switchyard.spending.run_budget import RunBudget

    return RunBudget(adapters.ledger(), adapters.artifacts(), adapters.snapshots(), adapters.clock)


@cache
def run_cost() -> "RunCost":
    from switchyard.spending.run_cost import RunCost

    return RunCost(adapters.settings()["PREFIX"], adapters.control(), run_budget())

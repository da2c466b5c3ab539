"""May a run start? What it is expected to cost, held against what a model may cost by run and by month (UTC)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from switchyard.core.pipeline import Budget
from switchyard.spending.rules.cost import Estimate, dollars

ROUNDING = 1e-9


def month_of(moment: float) -> str:
    """The month of a run, in UTC, as 2026-11: the one it starts in, however long it takes."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m}"


def day_of(moment: float) -> str:
    """The day of a run, in UTC, as 2026-11-29."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def too_many(budget: Budget, others: int, day: str) -> str:
    """Why this run must wait for another day, and what to do sooner; "" when it need not. others: starts of the day."""
    if others < budget.runs_per_day:
        return ""
    return (
        f"{others} runs of this model started on {day}, budget.runs_per_day is {budget.runs_per_day}; it starts after "
        "midnight UTC, or `switchyard run` starts one now once budget.runs_per_day is raised"
    )


def objection(budget: Budget, estimate: Estimate, spent: float, month: str) -> str:
    """Why this run must not start, with the numbers and what to do next; "" when it may.

    spent: settled runs of the month, and what is reserved for others under way.
    """
    if not budget.is_set:
        return ""
    if estimate.unpriced:
        return (
            f"the budget cannot be kept: there is no price of {', '.join(estimate.unpriced)} "
            f"({estimate.most.prices}); add it to prices.json at the top of the artifact bucket and drop it again"
        )
    expected = estimate.expected.usd
    if budget.run_usd is not None and expected > budget.run_usd + ROUNDING:
        return (
            f"the run is over its budget: {estimate}, {dollars(budget.run_usd)} is the limit of one run; raise "
            f"budget.run_usd in pipeline.yaml and drop it again, or make the run cheaper"
        )
    if budget.monthly_usd is not None and spent + expected > budget.monthly_usd + ROUNDING:
        return (
            f"the month's budget is used up: {estimate}, {dollars(spent)} of {dollars(budget.monthly_usd)} spent in "
            f"{month}; raise budget.monthly_usd in pipeline.yaml and drop it again, or wait for {_next(month)}"
        )
    return ""


def _next(month: str) -> str:
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    return f"{first + timedelta(days=31):%B}"

"""What is known of a run, and its plots, which are drawn apart from reading it: they take longer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cli.report.facts import Facts
from cli.report.judged import JudgedView, judged_view
from cli.report.rollout import RolloutView, rollout_view


@dataclass(frozen=True)
class Plots:
    """rollout: None when nothing live was ever compared."""

    rollout: RolloutView | None
    judged: JudgedView


@dataclass
class KnownRun:
    """as_of: what the ledger had when the facts were read."""

    as_of: object
    facts: Facts

    @property
    def is_drawn(self) -> bool:
        """The plots are there, or there is nothing to draw."""
        judged = self.facts.gate or self.facts.performance or self.facts.importance
        return "plots" in vars(self) or not (judged or self.facts.was_compared)

    @cached_property
    def plots(self) -> Plots:
        """Drawn when it is first asked for."""
        return Plots(rollout_view(self.facts), judged_view(self.facts))

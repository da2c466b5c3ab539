"""What the report shows of both models on the holdout, beside the gate's figures."""

from __future__ import annotations

from dataclasses import dataclass

from cli.report.confusion_words import Cell, Mistake, cells, mistakes
from cli.report.performance_plots import Picture, performance_plots
from switchyard.evaluation.rules.performance import Performance


@dataclass(frozen=True)
class PerformanceView:
    """Any part may be empty: the problem does not have it."""

    found: Performance
    pictures: list[Picture]
    cells: list[list[Cell]]
    mistakes: list[Mistake]


def performance_view(found: Performance | None) -> PerformanceView | None:
    """None where it is not on record, as of runs that an older release judged."""
    if found is None:
        return None
    return PerformanceView(found, performance_plots(found), cells(found), mistakes(found))

"""What the gate and the holdout say of the models, drawn: for the report and for the console."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup

from cli.report.facts import Facts
from cli.report.gate_plots import harm_plot, values_plot
from cli.report.importance import ImportanceView, importance_view
from cli.report.performance import PerformanceView, performance_view
from switchyard.evaluation.rules.gate import GateFigure, GateVerdict
from switchyard.evaluation.rules.importance import Importance
from switchyard.evaluation.rules.performance import Performance

KEPT = 16  # runs whose plots are not drawn again


@dataclass(frozen=True)
class GatePlots:
    """Of one metric; None: nothing to draw."""

    metric: str
    values: Markup | None
    harm: Markup | None


@dataclass(frozen=True)
class JudgedView:
    """Each part is empty or None where it is not on record: the run has not come so far, or an older release judged."""

    gate_plots: tuple[GatePlots, ...]
    performance: PerformanceView | None
    importance: ImportanceView | None


def judged_view(facts: Facts) -> JudgedView:
    return _drawn(facts.gate, facts.performance, facts.importance, facts.importance_before)


@lru_cache(KEPT)
def _drawn(
    gate: GateVerdict | None,
    performance: Performance | None,
    new: Importance | None,
    old: Importance | None,
) -> JudgedView:
    """Once a run: what was judged stays as it is while the rollout's evidence grows."""
    return JudgedView(
        tuple(gate_plots(gate.figures)) if gate else (),
        performance_view(performance),
        importance_view(new, old),
    )


def gate_plots(figures: Iterable[GateFigure]) -> Iterable[GatePlots]:
    """One pair of plots a metric: its value on all rows, and the difference there and on every slice."""
    by_metric = sorted(figures, key=lambda figure: figure.metric)
    for _, group in groupby(by_metric, key=lambda figure: figure.metric):
        found = sorted(group, key=lambda figure: figure.slice)
        yield GatePlots(
            found[0].label, values_plot(found[0]) if not found[0].slice else None, harm_plot(found)
        )

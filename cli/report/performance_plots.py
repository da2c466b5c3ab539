"""What both models did on the holdout, as plots: ROC, precision and recall, calibration, residuals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import altair as alt
from markupsafe import Markup

from cli.report.style import ARMS, DASHES, FAINT, INK, SHAPES, Rows, rows, svg
from switchyard.evaluation.rules.performance import Curves, Performance

SQUARE = 300
SHARE = alt.Scale(domain=[0, 1])
Picture = tuple[str, str, Markup]  # title, what it shows, the plot


def performance_plots(found: Performance) -> list[Picture]:
    """Those that the problem has."""
    made = [
        ("ROC", "True positives against false positives, over all thresholds; the diagonal is a coin.", _roc),
        ("Precision and recall", "Over all thresholds; the line is the share of positives.", _precision_recall),
        ("Calibration", "What came true of what was said, with 95 % intervals; at best the diagonal.", _calibration),
        ("Residuals", "Prediction minus label, as shares of the rows; the outermost bars hold the rest.", _residuals),
        ("Residuals by prediction", "Their mean, and one standard deviation either way.", _by_prediction),
    ]  # fmt: skip
    drawn = ((title, said, draw(found)) for title, said, draw in made)
    return [(title, said, plot) for title, said, plot in drawn if plot is not None]


def _arms(found: Performance, rows_of: Callable[[Curves], Iterable[dict[str, Any]]]) -> Rows:
    both = {"champion": found.champion, "challenger": found.challenger}
    return [{"arm": arm, **row} for arm, curves in both.items() if curves for row in rows_of(curves)]


def _line(values: Rows, x: str, y: str) -> alt.Chart:
    return alt.Chart(rows(values)).encode(
        x=alt.X("x:Q", title=x, scale=SHARE),
        y=alt.Y("y:Q", title=y, scale=SHARE),
        color=alt.Color("arm:N", scale=ARMS, legend=None),
        strokeDash=alt.StrokeDash("arm:N", scale=DASHES, legend=None),
        order="at:Q",
    )


def _curve(values: Rows, x: str, y: str, *below: alt.Chart) -> Markup | None:
    if not values:
        return None
    line = _line(values, x, y).mark_line(strokeWidth=2)
    return svg(*below, line, width=SQUARE, height=SQUARE)


def _numbered(points: Iterable[tuple[float, float]]) -> list[dict[str, Any]]:
    return [{"at": at, "x": x, "y": y} for at, (x, y) in enumerate(points)]


def _roc(found: Performance) -> Markup | None:
    values = _arms(found, lambda curves: _numbered(curves.roc))
    return _curve(values, "false positive rate", "true positive rate", _diagonal())


def _precision_recall(found: Performance) -> Markup | None:
    values = _arms(found, lambda curves: _numbered(curves.precision_recall))
    ends = [{"x": x, "y": found.positives or 0.0} for x in (0, 1)]
    base = alt.Chart(rows(ends)).mark_line(color=FAINT, strokeDash=[4, 4]).encode(x="x:Q", y="y:Q")
    return _curve(values, "recall", "precision", base)


def _diagonal() -> alt.Chart:
    ends = [{"x": 0, "y": 0}, {"x": 1, "y": 1}]
    line: alt.Chart = alt.Chart(rows(ends)).mark_line(color=FAINT, strokeDash=[4, 4]).encode(x="x:Q", y="y:Q")
    return line


def _calibration(found: Performance) -> Markup | None:
    values = _arms(
        found,
        lambda curves: [
            {"at": at, "x": each.predicted, "y": each.came_true, "low": each.low, "high": each.high}
            for at, each in enumerate(curves.calibration)
        ],
    )
    if not values:
        return None
    base = _line(values, "probability that was said", "share that came true")
    line = base.mark_line(strokeWidth=1.5)
    span = base.mark_rule(strokeWidth=1.5).encode(y="low:Q", y2="high:Q", strokeDash=alt.value([1, 0]))
    point = base.mark_point(filled=True, size=50, opacity=1).encode(
        shape=alt.Shape("arm:N", scale=SHAPES, legend=None), strokeDash=alt.value([1, 0])
    )
    return svg(_diagonal(), span, line, point, width=SQUARE, height=SQUARE)


def _residuals(found: Performance) -> Markup | None:
    values = _arms(
        found,
        lambda curves: [
            {"x": edge, "y": bar.share} for bar in curves.residuals for edge in (bar.low, bar.high)
        ],
    )
    if not values:
        return None
    base = alt.Chart(rows(values)).encode(
        x=alt.X("x:Q", title="prediction minus label", scale=alt.Scale(nice=False, zero=False)),
        y=alt.Y("y:Q", title="share of the rows"),
        color=alt.Color("arm:N", scale=ARMS, legend=None),
        strokeDash=alt.StrokeDash("arm:N", scale=DASHES, legend=None),
    )
    return svg(_zero("x"), base.mark_line(strokeWidth=2))


def _by_prediction(found: Performance) -> Markup | None:
    values = _arms(
        found,
        lambda curves: [
            {
                "x": s.predicted,
                "y": s.residual,
                "low": s.residual - s.deviation,
                "high": s.residual + s.deviation,
            }
            for s in curves.by_prediction
        ],
    )
    if not values:
        return None
    base = alt.Chart(rows(values)).encode(
        x=alt.X("x:Q", title="prediction", scale=alt.Scale(zero=False)),
        color=alt.Color("arm:N", scale=ARMS, legend=None),
    )
    span = base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q", title="residual"), y2="high:Q")
    point = base.mark_point(filled=True, size=60, opacity=1).encode(
        y="y:Q", shape=alt.Shape("arm:N", scale=SHAPES, legend=None)
    )
    return svg(_zero("y"), span, point)


def _zero(axis: str) -> alt.Chart:
    line: alt.Chart = alt.Chart(rows([{axis: 0}])).mark_rule(color=INK, strokeDash=[2, 2])
    return line.encode(x="x:Q") if axis == "x" else line.encode(y="y:Q")

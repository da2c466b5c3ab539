"""The offline gate as plots: what each model reached, and how much worse the challenger is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
from markupsafe import Markup

from cli.report.style import ARMS, CHALLENGER, INK, LIMIT, SHAPES, Rows, around, rows, svg, vertical_limits
from switchyard.evaluation.rules.gate import GateFigure

ROW_HEIGHT, LEAST_HEIGHT = 34, 84


def values_plot(figure: GateFigure) -> Markup | None:
    """Champion's and challenger's value, the challenger's interval, and the floor."""
    if not math.isfinite(figure.challenger):
        return None
    low, high = figure.interval
    values: Rows = [{"arm": "challenger", "value": figure.challenger, "low": low, "high": high}]
    if figure.champion is not None:
        values.append({"arm": "champion", "value": figure.champion})
    better = "higher" if figure.higher_is_better else "lower"
    title = f"{figure.label} ({better} is better)"
    row = alt.Y("arm:N", title=None, sort=["champion", "challenger"])
    base = alt.Chart(rows(values)).encode(y=row, color=alt.Color("arm:N", scale=ARMS, legend=None))
    shown = [figure.challenger, low, high, *(v for v in (figure.champion, figure.floor) if v is not None)]
    limit = (0.0, 1.0) if figure.higher_is_better else (0.0, math.inf)
    position = alt.X("value:Q", title=title, scale=around(shown, *limit))
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=position, shape=alt.Shape("arm:N", scale=SHAPES, legend=None)
    )
    span = (
        base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2.5).encode(x="low:Q", x2="high:Q")
    )
    floor = () if figure.floor is None else vertical_limits([{"at": figure.floor, "label": "floor"}])
    return svg(*floor, span, points, height=max(ROW_HEIGHT * len(values), LEAST_HEIGHT))


def harm_plot(figures: Sequence[GateFigure]) -> Markup | None:
    """How much worse the challenger is on all rows and on each slice, against the accepted margin."""
    compared = [figure for figure in figures if figure.harm is not None and figure.harm_interval]
    if not compared:
        return None
    values = [_harm_row(figure) for figure in compared]
    names = [row["rows"] for row in values]
    base = alt.Chart(rows(values)).encode(y=alt.Y("rows:N", title=None, sort=names))
    title = "challenger worse by (below 0: better)"
    shown = [0.0, *(row[edge] for row in values for edge in ("low", "high", "margin"))]
    scale, middle = around(shown), (min(shown) + max(shown)) / 2
    span = base.mark_rule(color=CHALLENGER, strokeWidth=2.5).encode(
        x=alt.X("low:Q", title=title, scale=scale), x2="high:Q"
    )
    point = base.mark_point(filled=True, size=110, opacity=1, color=CHALLENGER).encode(x="harm:Q")
    margin = base.mark_tick(color=LIMIT, thickness=2.5, size=26).encode(x="margin:Q")
    zero = alt.Chart(rows([{"at": 0}])).mark_rule(color=INK).encode(x="at:Q")
    side: Literal["left", "right"] = "right" if values[0]["margin"] > middle else "left"
    label = (
        base.transform_filter("datum.first")
        .mark_text(
            color=LIMIT, align=side, dx=-20 if side == "left" else 20, dy=-3, baseline="bottom", fontSize=12
        )
        .encode(x="margin:Q", y=alt.value(0), text=alt.value("accepted margin"))
    )
    return svg(zero, span, point, margin, label, height=max(ROW_HEIGHT * len(values), LEAST_HEIGHT))


def _harm_row(figure: GateFigure) -> dict[str, Any]:
    low, high = figure.harm_interval or (math.nan, math.nan)
    name = figure.slice or "all rows"
    first = not figure.slice
    return {
        "rows": name,
        "harm": figure.harm,
        "low": low,
        "high": high,
        "margin": figure.margin,
        "first": first,
    }

"""The offline gate as plots: what each model reached, and how much worse the challenger is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
from markupsafe import Markup

from cli.report.style import ARMS, CHALLENGER, FAINT, INK, LIMIT, SHAPES, Rows, rows, svg, vertical_limits
from switchyard.domain.gate import GateFigure
from switchyard.domain.policy import HIGHER_IS_BETTER

ROW_HEIGHT = 34


def values_plot(figure: GateFigure) -> Markup | None:
    """Champion's and challenger's value, the challenger's interval, and the floor."""
    if not math.isfinite(figure.challenger):
        return None
    low, high = figure.interval
    values: Rows = [{"arm": "challenger", "value": figure.challenger, "low": low, "high": high}]
    if figure.champion is not None:
        values.append({"arm": "champion", "value": figure.champion})
    better = "higher" if figure.metric in HIGHER_IS_BETTER else "lower"
    title = f"{figure.metric} ({better} is better)"
    row = alt.Y("arm:N", title=None, sort=["champion", "challenger"])
    base = alt.Chart(rows(values)).encode(y=row, color=alt.Color("arm:N", scale=ARMS, legend=None))
    position = alt.X("value:Q", title=title, scale=alt.Scale(zero=False, nice=True, padding=12))
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=position, shape=alt.Shape("arm:N", scale=SHAPES, legend=None)
    )
    span = (
        base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2.5).encode(x="low:Q", x2="high:Q")
    )
    floor = () if figure.floor is None else vertical_limits([{"at": figure.floor, "label": "floor"}])
    return svg(*floor, span, points, height=ROW_HEIGHT * len(values) + 16)


def harm_plot(figures: Sequence[GateFigure]) -> Markup | None:
    """How much worse the challenger is on all rows and on each slice, against the accepted margin."""
    compared = [figure for figure in figures if figure.harm is not None and figure.harm_interval]
    if not compared:
        return None
    values = [_harm_row(figure) for figure in compared]
    names = [row["rows"] for row in values]
    base = alt.Chart(rows(values)).encode(y=alt.Y("rows:N", title=None, sort=names))
    title = "challenger worse by (below 0: better)"
    scale = alt.Scale(nice=True, padding=12)
    span = base.mark_rule(color=CHALLENGER, strokeWidth=2.5).encode(
        x=alt.X("low:Q", title=title, scale=scale), x2="high:Q"
    )
    point = base.mark_point(filled=True, size=110, opacity=1, color=CHALLENGER).encode(x="harm:Q")
    margin = base.mark_tick(color=LIMIT, thickness=2.5, size=26).encode(x="margin:Q")
    zero = alt.Chart(rows([{"at": 0}])).mark_rule(color=INK).encode(x="at:Q")
    label = (
        base.transform_filter("datum.first")
        .mark_text(color=LIMIT, align="left", dx=5, dy=-10, fontSize=12)
        .encode(x="margin:Q", text=alt.value("accepted margin"))
    )
    far = (
        alt.Chart(rows([{"at": values[0]["margin"] * 1.6}]))
        .mark_rule(color=FAINT, opacity=0)
        .encode(x="at:Q")
    )
    return svg(far, zero, span, point, margin, label, height=ROW_HEIGHT * len(values) + 16)


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

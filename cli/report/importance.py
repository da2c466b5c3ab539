"""What both models go by: each column's share of the gain, and what changed in it."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
from markupsafe import Markup

from cli.report.style import ARMS, FAINT, SHAPES, Rows, rows, svg
from switchyard.evaluation.rules.importance import Importance

SHOWN = 15
ROW_HEIGHT = 24
SHORT = 28  # signs of a column's name beside the plot


@dataclass(frozen=True)
class Column:
    """Shares of the gain; champion: None where it is not known, 0 where the model does not use the column."""

    name: str
    champion: float | None
    challenger: float

    @property
    def change(self) -> float:
        return 0.0 if self.champion is None else self.challenger - self.champion


@dataclass(frozen=True)
class ImportanceView:
    """columns: the most important to either first. said: the sentence about what changed. absent: why there is none."""

    columns: list[Column]
    said: str
    plot: Markup | None
    absent: str


def importance_view(new: Importance | None, old: Importance | None) -> ImportanceView | None:
    """None where it is not on record, as of runs that an older release judged."""
    if new is None:
        return None
    columns = _columns(new, old if old and old.columns else None)
    return ImportanceView(columns, _said(columns), _plot(columns[:SHOWN]), new.absent)


def _columns(new: Importance, old: Importance | None) -> list[Column]:
    shares, before = dict(new.columns), dict(old.columns) if old else {}
    found = [
        Column(name, before.get(name, 0.0) if old else None, shares.get(name, 0.0))
        for name in {**shares, **before}
    ]
    return sorted(found, key=lambda each: (-max(each.challenger, each.champion or 0.0), each.name))


def _said(columns: list[Column]) -> str:
    moved = max(columns, key=lambda each: abs(each.change), default=None)
    if moved is None or moved.champion is None or not moved.change:
        return ""
    return f"The largest change: {moved.name} had {moved.champion:.1%} of the gain, and has {moved.challenger:.1%}."


def _plot(columns: list[Column]) -> Markup | None:
    if not columns:
        return None
    names = [f"{at + 1}. {each.name[:SHORT]}" for at, each in enumerate(columns)]
    values: Rows = []
    for name, each in zip(names, columns, strict=True):
        values.append({"column": name, "arm": "challenger", "share": each.challenger})
        if each.champion is not None:
            values.append({"column": name, "arm": "champion", "share": each.champion})
    axis = alt.Axis(format=".0%")
    base = alt.Chart(rows(values)).encode(y=alt.Y("column:N", title=None, sort=names))
    between = base.mark_line(color=FAINT, strokeWidth=3).encode(
        x=alt.X("share:Q", title="share of the gain", axis=axis), detail="column:N"
    )
    point = base.mark_point(filled=True, size=80, opacity=1).encode(
        x="share:Q",
        color=alt.Color("arm:N", scale=ARMS, legend=None),
        shape=alt.Shape("arm:N", scale=SHAPES, legend=None),
    )
    return svg(between, point, height=max(ROW_HEIGHT * len(names), 2 * ROW_HEIGHT))

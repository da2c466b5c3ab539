"""How every plot looks. Colours are CSS variables of the page, so plots follow its light and dark theme."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup

CHAMPION, CHALLENGER = "var(--champion)", "var(--challenger)"
LIMIT, INK, FAINT = "var(--limit)", "var(--ink)", "var(--rule)"
FONT = "Arial, Helvetica, Liberation Sans, sans-serif"  # what the renderer measures is close to these
WIDTH, HEIGHT = 420, 200
CLIP = re.compile(r'(?<=<clipPath id=")clip\d+|(?<=url\(#)clip\d+')

ARMS = alt.Scale(domain=["champion", "challenger"], range=[CHAMPION, CHALLENGER])
SHAPES = alt.Scale(domain=["champion", "challenger"], range=["square", "circle"])
DASHES = alt.Scale(domain=["champion", "challenger"], range=[[5, 3], [1, 0]])

Rows = list[dict[str, Any]]


def rows(values: Rows) -> alt.InlineData:
    return alt.InlineData(values=values)


def svg(*layers: alt.Chart, width: int = WIDTH, height: int = HEIGHT) -> Markup:
    """Layers, the lowest first, as inline SVG: no script, no address to fetch, all text escaped by the renderer."""
    words = {"labelColor": INK, "titleColor": INK, "titleFontWeight": "normal"}
    lines = {"gridColor": FAINT, "domainColor": FAINT, "tickColor": FAINT}
    ticks = {"tickCount": 6, "labelFlush": False, "labelSeparation": 10}
    config = {
        "padding": {"left": 14, "right": 14, "top": 4, "bottom": 4},
        "aria": False,
        "font": FONT,
        "view": {"stroke": None},
        "axis": {**words, **lines, "labelFontSize": 12, "titleFontSize": 12, **ticks},
        "legend": {**words, "orient": "top", "title": None, "labelFontSize": 12, "symbolStrokeWidth": 2},
    }
    chart = alt.LayerChart(layer=list(layers), width=width, height=height, background="transparent")
    picture: str = vl_convert.vegalite_to_svg({**chart.to_dict(), "config": config})
    picture = _with_own_ids(picture)
    # The renderer gives a role to every group of marks, and a name to none: the figure has the name.
    picture = re.sub(r' (role="graphics-[a-z]+"|aria-roledescription="[^"]*")', "", picture)
    return Markup(picture)  # noqa: S704 - made by the renderer, which escapes what it is given


def start_renderer() -> None:
    """It starts with the first drawing of a process, and for that half second no other thread of it runs."""
    svg(alt.Chart(rows([])).mark_point())


def _with_own_ids(picture: str) -> str:
    """The renderer numbers clip paths through all that it draws; ids are of the whole page, and the same picture has
    the same ones whenever it is drawn.
    """
    numbers: dict[str, int] = {}
    own = CLIP.sub(lambda found: f"clip{numbers.setdefault(found[0], len(numbers))}", picture)
    mine = f"p{hashlib.sha256(own.encode()).hexdigest()[:12]}-"
    return CLIP.sub(lambda found: mine + found[0], own)


def vertical_limits(values: Rows) -> tuple[alt.Chart, alt.Chart]:
    """Labelled lines ({at, label}) from top to bottom."""
    base = alt.Chart(rows(values)).encode(x="at:Q")
    return _line(base), _label(base).encode(y=alt.value(0))


def horizontal_limits(values: Rows) -> tuple[alt.Chart, alt.Chart]:
    """Labelled lines ({at, label}) from left to right."""
    base = alt.Chart(rows(values)).encode(y="at:Q")
    return _line(base), _label(base).encode(x=alt.value(0))


def around(values: Iterable[float], least: float = -math.inf, most: float = math.inf) -> alt.Scale:
    """A scale that shows all values with some room, within what the values can be."""
    found = list(values)
    low, high = min(found), max(found)
    room = 0.08 * (high - low) or abs(high) or 1.0
    return alt.Scale(domain=[max(low - room, least), min(high + room, most)], nice=False, zero=False)


def _line(base: alt.Chart) -> alt.Chart:
    line: alt.Chart = base.mark_rule(color=LIMIT, strokeDash=[6, 3], strokeWidth=1.5)
    return line


def _label(base: alt.Chart) -> alt.Chart:
    label: alt.Chart = base.mark_text(
        color=LIMIT, align="left", baseline="bottom", dx=4, dy=-2, fontSize=12
    ).encode(text="label:N")
    return label

"""Facts in, one HTML page out. Every text is escaped; the page fetches nothing and runs nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cli.report import diff_words, words
from cli.report.facts import Facts
from cli.report.judged import judged_view
from cli.report.rollout import rollout_view
from switchyard.spending.rules.cost import dollars

HERE = Path(__file__).parent
TEMPLATES, WHOLE = HERE / "templates", "page.html.jinja"
FILTERS = {
    "dollars": dollars,
    "kinds": diff_words.kinds,
    "missing": diff_words.missing,
    "categories": diff_words.categories,
    "in_two": diff_words.in_two,
    "index": diff_words.index,
    "number": words.number,
    "moment": words.moment,
    "duration": words.duration,
}


def render(facts: Facts) -> str:
    """The whole page, as it is written to a file."""
    mark, title = words.title(facts.state)
    return (
        _jinja()
        .get_template(WHOLE)
        .render(
            css=Markup((HERE / "page.css").read_text(encoding="utf-8")),  # noqa: S704 - a file of ours
            facts=facts,
            mark=mark,
            title=title,
            tone=words.tone(facts.state),
            summary=words.summary(facts),
            stops=words.stops(facts),
            took=words.took(facts),
            events=words.timeline(facts),
            files=facts.manifest.get("files", []),
            columns=facts.manifest.get("columns", []),
            judged=judged_view(facts),
            rollout=rollout_view(facts),
        )
    )


@cache
def _jinja() -> Environment:
    """With the templates that it has compiled."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    made.filters |= FILTERS
    return made

"""Facts in, one HTML page out. Every text is escaped; the page fetches nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cli.report import diff_words, words
from cli.report.facts import Facts
from cli.report.gate_plots import harm_plot, values_plot
from cli.report.importance import importance_view
from cli.report.performance import performance_view
from cli.report.rollout import rollout_view
from switchyard.evaluation.rules.gate import GateFigure
from switchyard.spending.rules.cost import dollars

HERE = Path(__file__).parent


@dataclass(frozen=True)
class GatePlots:
    """Of one metric; None: nothing to draw."""

    metric: str
    values: Markup | None
    harm: Markup | None


def render(facts: Facts) -> str:
    """The whole page, as it is written to a file."""
    jinja = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    jinja.filters["dollars"] = dollars
    jinja.filters |= {
        "kinds": diff_words.kinds,
        "missing": diff_words.missing,
        "categories": diff_words.categories,
    }
    jinja.filters |= {"in_two": diff_words.in_two, "index": diff_words.index}
    jinja.filters |= {"number": words.number, "moment": words.moment, "duration": words.duration}
    mark, title = words.title(facts.state)
    return jinja.get_template("page.html.jinja").render(
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
        gate_plots=list(gate_plots(facts.gate.figures)) if facts.gate else [],
        performance=performance_view(facts.performance),
        importance=importance_view(facts.importance, facts.importance_before),
        rollout=rollout_view(facts),
    )


def gate_plots(figures: Iterable[GateFigure]) -> Iterable[GatePlots]:
    """One pair of plots a metric: its value on all rows, and the difference there and on every slice."""
    by_metric = sorted(figures, key=lambda figure: figure.metric)
    for _, group in groupby(by_metric, key=lambda figure: figure.metric):
        found = sorted(group, key=lambda figure: figure.slice)
        yield GatePlots(
            found[0].label, values_plot(found[0]) if not found[0].slice else None, harm_plot(found)
        )

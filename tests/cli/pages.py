"""What tests of the report ask of its pages."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from cli.records.executions import State
from cli.records.ledger import Line
from cli.report.facts import Facts, Sources
from switchyard.core.run import RunState
from tests.cli.settled_runs import RUN_ID, SOURCE, Desk

LINE = Line("digits", SOURCE, "RUNNING", "", RUN_ID, "2027-01-15T08:00:00+00:00", "")


def facts_of(desk: Desk, state: RunState = RunState.RUNNING, visits: tuple[State, ...] = ()) -> Facts:
    sources = Sources(desk.artifacts, desk.ledger, lambda _: visits)
    return sources.facts(replace(LINE, state=state.value, reason="because"))


def titles(page: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page)


def pictures(page: str) -> int:
    return page.count("<svg")


class Elements(HTMLParser):
    """Names and attributes of all elements, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data

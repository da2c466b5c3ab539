"""Pages from templates: the same for all handlers, and what was said to whoever has just acted."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from cli.console import words
from cli.console.address import BASE
from cli.console.shared_reads import Problem, Seen
from cli.console.views import error_of
from cli.report.page import FILTERS as REPORT_FILTERS
from cli.report.page import TEMPLATES as REPORT
from cli.report.page import WHOLE as WHOLE_REPORT

HERE = Path(__file__).parent
NOTICES = 64  # that are remembered
SOON = 500  # milliseconds after which a page asks again that is still being read
FILTERS = REPORT_FILTERS | {
    "verdict": words.verdict,
    "mark": lambda status: words.MARKS[status],
    "clock": words.clock,
    "iso": words.iso,
    "date": words.date,
    "error": error_of,
    "code": words.code,
    "payload": words.payload,
}


class Notices:
    """What came of the last acts, by a name that stands in the address of the page that follows one."""

    def __init__(self) -> None:
        self._said: OrderedDict[str, str] = OrderedDict()

    def put(self, said: str) -> str:
        name = secrets.token_urlsafe(9)
        self._said[name] = said
        if len(self._said) > NOTICES:
            self._said.popitem(last=False)
        return name

    def get(self, name: str) -> str:
        return self._said.get(name, "")


class Draw:
    """stack: how its owner calls it; seconds: how often an open page asks."""

    def __init__(self, stack: str, seconds: float) -> None:
        folders = FileSystemLoader([HERE / "templates", REPORT])
        self._jinja = Environment(
            loader=folders, autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._jinja.filters |= FILTERS
        self._jinja.globals |= {"stack": stack, "every": int(seconds * 1000), "soon": SOON}
        self.notices = Notices()

    def compile(self) -> None:
        """All templates, with the report's parts, which the first viewer of a page would wait for otherwise."""
        for name in self._jinja.list_templates():
            if name != WHOLE_REPORT:
                self._jinja.get_template(name)

    def page(
        self, request: Request, template: str, seen: Seen[Any], status: int = 200, **more: Any
    ) -> Response:
        """304 where the viewer has it as it is."""
        said = self.notices.get(request.query_params.get("done", ""))
        about = {"seen": seen, "base": request.scope.get(BASE, ""), "said": said}
        body = self._jinja.get_template(template).render(**about, **more)
        tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'
        if status == 200 and request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return HTMLResponse(body, status, headers={"ETag": tag})

    def sorry(self, request: Request, status: int, problem: Problem | None) -> Response:
        return self.page(request, "sorry.html.jinja", Seen(None, 0.0, problem), status)

"""The pages. GET only, for this machine only: no other site may ask (Host, Origin), and none can be put around."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from cli.console import words
from cli.console.board import Board, Problem, Seen
from cli.console.models import ALL, SHOWS, Wanted
from cli.console.reader import NotThereError, RunView
from cli.console.views import error_of
from cli.report import words as report_words
from cli.report.page import HERE as REPORT
from cli.report.page import render
from sagemaker_local.access.guard import Guard, Rules

HERE = Path(__file__).parent
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def application(board: Board, stack: str, seconds: float) -> Starlette:
    """stack: how its owner calls it; seconds: how often an open page asks."""
    pages = Pages(board, stack, seconds)
    routes = [
        Route("/", pages.models),
        Route("/models/{model}", pages.model),
        Route("/models/{model}/runs/{run}", pages.run),
        Route("/models/{model}/runs/{run}/report", pages.report),
        Route("/models/{model}/runs/{run}/record", pages.record),
        Route("/static/report.css", lambda _: FileResponse(REPORT / "page.css")),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    guard = Middleware(Guard, rules=Rules(any_port=True, may_link=True))
    handlers: dict[Any, Any] = {
        HTTPException: pages.refused,
        NotThereError: pages.missing,
        Exception: pages.broken,
    }
    return Starlette(routes=routes, middleware=[guard, Middleware(Headers)], exception_handlers=handlers)


class Headers:
    """Gives every answer the headers that it has not of its own."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                more = [
                    (n.lower().encode(), v.encode())
                    for n, v in HEADERS.items()
                    if n.lower().encode() not in own
                ]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self._app(scope, receive, with_headers)


class Pages:
    """One handler a page."""

    def __init__(self, board: Board, stack: str, seconds: float) -> None:
        self._board = board
        folders = FileSystemLoader([HERE / "templates", REPORT])
        self._jinja = Environment(
            loader=folders, autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._jinja.filters |= {
            "verdict": words.verdict,
            "mark": lambda status: words.MARKS[status],
            "clock": words.clock,
            "iso": words.iso,
            "date": words.date,
            "error": error_of,
            "number": report_words.number,
            "moment": report_words.moment,
            "duration": report_words.duration,
        }
        self._jinja.globals |= {"stack": stack, "every": int(seconds * 1000)}

    async def models(self, request: Request) -> Response:
        seen = await self._board.see("models", "Reading the models", lambda reader: reader.models(), _never)
        asked = request.query_params
        show = asked.get("show", ALL)
        wanted = Wanted(asked.get("q", "")[:200], show if show in SHOWS else ALL)
        found = wanted.of(seen.value or ())
        return self._page(
            request, "models.html.jinja", seen, models=seen.value, found=found, wanted=wanted, shows=SHOWS
        )

    async def model(self, request: Request) -> Response:
        name = request.path_params["model"]
        seen = await self._board.see(
            ("m", name), f"Reading model {name}", lambda reader: reader.model(name), _never
        )
        return self._page(request, "model.html.jinja", seen, name=name, model=seen.value)

    async def run(self, request: Request) -> Response:
        model, run = request.path_params["model"], request.path_params["run"]
        seen = await self._board.see(
            ("r", model, run),
            f"Reading run {run}",
            lambda reader: reader.run(model, run),
            _is_over,
        )
        summary = report_words.summary(seen.value.facts) if seen.value and seen.value.facts else ""
        return self._page(
            request, "run.html.jinja", seen, name=model, run_id=run, run=seen.value, summary=summary
        )

    async def report(self, request: Request) -> Response:
        model, run = request.path_params["model"], request.path_params["run"]
        seen = await self._board.see(
            ("f", model, run), f"Reading run {run}", lambda reader: render(reader.facts(model, run)), _never
        )
        return self._found(
            request,
            seen,
            lambda page: HTMLResponse(page, headers={"Content-Security-Policy": REPORT_POLICY}),
        )

    async def record(self, request: Request) -> Response:
        model, run = request.path_params["model"], request.path_params["run"]
        seen = await self._board.see(
            ("d", model, run),
            f"Reading the record of {run}",
            lambda reader: reader.record(model, run),
            _never,
        )
        return self._found(
            request,
            seen,
            lambda text: Response(json.dumps(json.loads(text), indent=2), media_type="application/json"),
        )

    def _found(self, request: Request, seen: Seen[str], show: Callable[[str], Response]) -> Response:
        return self._sorry(request, 503, seen.problem) if seen.value is None else show(seen.value)

    def _page(self, request: Request, template: str, seen: Seen[Any], **more: Any) -> Response:
        body = self._jinja.get_template(template).render(seen=seen, **more)
        tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return HTMLResponse(body, headers={"ETag": tag})

    def _sorry(self, request: Request, status: int, problem: Problem | None) -> Response:
        page = self._page(request, "sorry.html.jinja", Seen(None, 0.0, problem))
        page.status_code = status
        return page

    async def missing(self, request: Request, error: NotThereError) -> Response:
        return self._sorry(
            request, 404, Problem(f"Opening {request.url.path}", error.problem, error.next_step)
        )

    async def refused(self, request: Request, error: HTTPException) -> Response:
        problem = Problem(f"{request.method} {request.url.path}", error.detail, "Start at the models.")
        return self._sorry(request, error.status_code, problem)

    async def broken(self, request: Request, error: Exception) -> Response:
        said = f"The console itself broke: {type(error).__name__}: {error}"
        return self._sorry(
            request,
            500,
            Problem(f"Drawing {request.url.path}", said, "The terminal has the traceback; report it."),
        )


def _is_over(run: RunView) -> bool:
    return run.is_over


def _never(_: Any) -> bool:
    return False

"""What is looked at: one handler a page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from cli.console.known_run import KnownRun, Plots
from cli.console.models import ALL, SHOWS, ModelView, Wanted
from cli.console.reader import NotThereError, RunView
from cli.console.rendering import Draw
from cli.console.shared_reads import Board, Problem, Seen
from cli.report import words as report_words
from cli.report.page import render

DRAWING = 0.5  # seconds that the plots of a run take at least
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class Pages:
    """One handler a page."""

    def __init__(self, board: Board, draw: Draw) -> None:
        self._board, self._draw = board, draw

    async def read_ahead(self) -> None:
        """Begins to read the list that everybody sees first, before anybody does, and has the pages compiled."""
        self._draw.compile()
        await self._models()

    async def _models(self) -> Seen[tuple[ModelView, ...]]:
        return await self._board.see(
            "models", "Reading the models", lambda reader: reader.models(), _never, "models"
        )

    async def models(self, request: Request) -> Response:
        seen = await self._models()
        asked = request.query_params
        show = asked.get("show", ALL)
        page = asked.get("page", "1")
        wanted = Wanted(
            asked.get("q", "")[:200],
            show if show in SHOWS else ALL,
            max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
        )
        found = wanted.of(seen.value or ())
        return self._draw.page(
            request, "models.html.jinja", seen, models=seen.value, found=found, wanted=wanted, shows=SHOWS
        )

    async def model(self, request: Request) -> Response:
        name = request.path_params["model"]
        seen = await self._board.see(
            ("m", name), f"Reading model {name}", lambda reader: reader.model(name), _never
        )
        return self._draw.page(request, "model.html.jinja", seen, name=name, model=seen.value)

    async def run(self, request: Request) -> Response:
        model, run = request.path_params["model"], request.path_params["run"]
        began = asyncio.get_running_loop().time()
        seen = await self._seen_run(model, run)
        summary = report_words.summary(seen.value.facts) if seen.value and seen.value.facts else ""
        known = seen.value.known if seen.value else None
        plots = await self._plots(model, run, known, began) if known else None
        more = {"name": model, "run_id": run, "summary": summary, "plots": plots}
        return self._draw.page(request, "run.html.jinja", seen, run=seen.value, **more)

    async def _plots(self, model: str, run: str, known: KnownRun, began: float) -> Seen[Plots]:
        """A page in a hurry goes without those that are to be drawn: it takes long, and other threads wait then."""
        return await self._board.see(
            ("p", model, run),
            f"Drawing run {run}",
            lambda _: known.plots,
            _never,
            "plots",
            since=began,
            takes=0.0 if known.is_drawn else DRAWING,
        )

    async def _seen_run(self, model: str, run: str) -> Seen[RunView]:
        return await self._board.see(
            ("r", model, run), f"Reading run {run}", lambda reader: reader.run(model, run), _is_over
        )

    async def state(self, request: Request) -> Response:
        """One state of an execution of a run: its visits with input and output, its events, and the log meanwhile."""
        model, run, key, name = (request.path_params[each] for each in ("model", "run", "execution", "state"))
        began = asyncio.get_running_loop().time()
        seen = await self._seen_run(model, run)
        top = seen.value.execution if seen.value else None
        execution = top.find(key) if top else None
        if seen.value is not None and (execution is None or name not in execution.states):
            raise NotThereError(f"Run {run} has no state {name!r} in {key!r}.", "See the run's graph.")
        visits = execution.visits_to(name) if execution else ()
        over = execution is not None and execution.is_over
        log = await self._board.see(
            ("l", model, run, key, name),
            f"Reading the log of {name}",
            lambda reader: reader.log(model, run, visits),
            lambda _: over,
            since=began,
        )
        more = {"name": model, "run_id": run, "execution": execution, "state": name, "log": log}
        return self._draw.page(request, "state.html.jinja", seen, **more)

    async def report(self, request: Request) -> Response:
        model, run = request.path_params["model"], request.path_params["run"]
        seen = await self._board.see(
            ("f", model, run),
            f"Reading run {run}",
            lambda reader: render(reader.facts(model, run)),
            _never,
            whole=True,
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
            whole=True,
        )
        return self._found(
            request,
            seen,
            lambda text: Response(json.dumps(json.loads(text), indent=2), media_type="application/json"),
        )

    def _found(self, request: Request, seen: Seen[str], show: Callable[[str], Response]) -> Response:
        return self._draw.sorry(request, 503, seen.problem) if seen.value is None else show(seen.value)

    async def missing(self, request: Request, error: NotThereError) -> Response:
        return self._draw.sorry(
            request, 404, Problem(f"Opening {request.url.path}", error.problem, error.next_step)
        )

    async def refused(self, request: Request, error: HTTPException) -> Response:
        problem = Problem(f"{request.method} {request.url.path}", error.detail, "Start at the models.")
        return self._draw.sorry(request, error.status_code, problem)

    async def stranger(self, request: Request) -> Response:
        """A token that is not this console's: it has been started anew since, or never printed that."""
        problem = Problem(
            "Opening this address",
            "It is not of this console, or of one that has ended.",
            "Open the address that `switchyard console` printed last.",
        )
        return self._draw.sorry(request, 403, problem)

    async def broken(self, request: Request, error: Exception) -> Response:
        said = f"The console itself broke: {type(error).__name__}: {error}"
        return self._draw.sorry(
            request,
            500,
            Problem(f"Drawing {request.url.path}", said, "The terminal has the traceback; report it."),
        )


def _is_over(run: RunView) -> bool:
    return run.is_over


def _never(_: Any) -> bool:
    return False

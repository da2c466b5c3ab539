"""The pages, for this machine only: no other site may ask (Host, Origin), and none can be put around."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from cli.console.actions import Acts
from cli.console.address import PART, TokenInAddress
from cli.console.pages import Pages
from cli.console.reader import NotThereError
from cli.console.rendering import HERE, Draw
from cli.console.shared_reads import Board
from cli.report.page import HERE as REPORT
from cli.report.style import start_renderer
from cli.requests.verbs import VERBS
from cli.stack.access import Access
from sagemaker_local.access.guard import Guard, Rules

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # No path, which may hold the token; `no-referrer` would make a form's own Origin `null` (Fetch, 3.1 Origin header).
    "Referrer-Policy": "strict-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
BOTH = ["GET", "POST"]


def application(
    board: Board,
    stack: str,
    seconds: float,
    token: str = "",
    connect: Callable[[], Access] | None = None,
) -> Starlette:
    """stack: how its owner calls it; seconds: how often an open page asks. token: of the addresses of whoever may act,
    on what `connect` answers; without it the pages only look.
    """
    draw = Draw(stack, seconds)
    pages, acts = Pages(board, draw), Acts(draw, board, connect)
    run = "/models/{model}/runs/{run}"
    routes = [
        Route("/", pages.models),
        Route("/models/{model}", pages.model),
        Route("/models/{model}/rollback", acts.on_model, methods=BOTH),
        Route(run, pages.run),
        Route(f"{run}/report", pages.report),
        Route(f"{run}/record", pages.record),
        Route(f"{run}/states/{{execution}}/{{state:path}}", pages.state),
        *(Route(f"{run}/{verb.name}", acts.on_run(verb), methods=BOTH) for verb in VERBS),
        Route(f"/{PART}/{{rest:path}}", pages.stranger, methods=BOTH),
        Route("/static/report.css", lambda _: FileResponse(REPORT / "page.css")),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    guard = Middleware(Guard, rules=Rules(any_port=True, may_link=True))
    handlers: dict[Any, Any] = {
        HTTPException: pages.refused,
        NotThereError: pages.missing,
        Exception: pages.broken,
    }
    around = [guard, Middleware(Headers), Middleware(TokenInAddress, token=token)]
    return Starlette(routes=routes, middleware=around, exception_handlers=handlers, lifespan=_ahead(pages))


def _ahead(pages: Pages) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        start_renderer()
        await pages.read_ahead()
        gc.freeze()  # what is loaded by now stays: to search it for garbage would hold up a page by a tenth of a second
        yield

    return lifespan


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

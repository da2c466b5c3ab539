"""What a person may do on a page: the verbs of the command line, by the commands' own code, asked twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qs, quote, urlencode

from botocore.exceptions import BotoCoreError, ClientError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cli.console.address import BASE
from cli.console.reader import Reader
from cli.console.rendering import Draw
from cli.console.shared_reads import Board, Problem, Seen
from cli.requests import rollback
from cli.requests.verbs import RETRY, Verb, require_reason
from cli.stack.access import Access
from cli.stack.errors import StackError

MOST_BYTES, MOST_SIGNS = 16_384, 1000  # of a form, of a reason
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Asked:
    """One act. subject: the run or model; back: the page that shows what came of it."""

    name: str
    subject: str
    effect: str
    back: str
    do: Callable[[Access, str], str]


class Acts:
    """connect: a stack whose clients may change something; None: nobody may act here."""

    def __init__(self, draw: Draw, board: Board, connect: Callable[[], Access] | None) -> None:
        self._draw, self._board, self._connect = draw, board, connect

    def on_run(self, verb: Verb) -> Callable[[Request], Awaitable[Response]]:
        """GET asks whether it is meant, POST does it."""

        async def serve(request: Request) -> Response:
            model, run = request.path_params["model"], request.path_params["run"]
            return await self._serve(request, _of_run(verb, model, run))

        return serve

    async def on_model(self, request: Request) -> Response:
        """A rollback; `to` in the address names the champion of before."""
        model, to = request.path_params["model"], request.query_params.get("to", "")
        return await self._serve(request, _of_model(model, to))

    async def _serve(self, request: Request, asked: Asked) -> Response:
        connect = self._may_act(request)
        if request.method != "POST":
            return self._ask(request, asked)
        _require_origin(request)
        reason = await _reason_of(request)
        try:
            require_reason(asked.name, reason)
            said = await asyncio.to_thread(lambda: asked.do(connect(), reason))
        except StackError as error:
            problem = Problem(f"{asked.name} {asked.subject}", error.problem, error.next_step)
            return self._ask(request, asked, reason, problem, 409)
        except (BotoCoreError, ClientError) as error:
            problem = Problem(f"{asked.name} {asked.subject}", str(error), self._board.advice)
            return self._ask(request, asked, reason, problem, 502)
        await self._board.forget()
        done = urlencode({"done": self._draw.notices.put(said)})
        return RedirectResponse(f"{request.scope[BASE]}{asked.back}?{done}", 303)

    def _ask(
        self,
        request: Request,
        asked: Asked,
        reason: str = "",
        refused: Problem | None = None,
        status: int = 200,
    ) -> Response:
        seen = Seen[None](None, 0.0)
        more = {"asked": asked, "reason": reason, "refused": refused, "longest": MOST_SIGNS}
        return self._draw.page(request, "ask.html.jinja", seen, status, **more)

    def _may_act(self, request: Request) -> Callable[[], Access]:
        if self._connect is None:
            raise HTTPException(405, "This console was started with --read-only: it only looks.")
        if not request.scope[BASE]:
            _refuse("Only whoever has the address that `switchyard console` printed may act.")
        return self._connect


def _of_run(verb: Verb, model: str, run: str) -> Asked:
    def do(access: Access, reason: str) -> str:
        return verb.do(access, Reader(access).line(model, run), reason)

    page = f"/models/{quote(model)}"
    back = page if verb is RETRY else f"{page}/runs/{quote(run)}"
    return Asked(verb.name, run, verb.effect, back, do)


def _of_model(model: str, to: str) -> Asked:
    def do(access: Access, reason: str) -> str:
        rollback.begin(access, model, to, reason)
        return f"{model}: going back to {to or 'the champion before'}. The page shows when it serves."

    subject = f"{model} to {to or 'the champion before this one'}"
    return Asked("rollback", subject, rollback.EFFECT, f"/models/{quote(model)}", do)


def _require_origin(request: Request) -> None:
    """Browsers say with every form where it was sent from; what does not say so is refused, too."""
    if request.headers.get("origin") != f"http://{request.headers.get('host', '')}":
        _refuse("Only a page of this console may send that: Origin names another one, or none.")


async def _reason_of(request: Request) -> str:
    """What was typed, on one line."""
    if request.headers.get("content-type", "").partition(";")[0] != FORM:
        raise HTTPException(415, f"A form is expected: {FORM}.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"A form of more than {MOST_BYTES:,} bytes is not read.")
    typed = parse_qs(body.decode("utf-8", "replace")).get("reason", [""])[0]
    return " ".join(typed.split())[:MOST_SIGNS]


def _refuse(why: str) -> NoReturn:
    raise HTTPException(403, why)

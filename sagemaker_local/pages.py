"""The plane's own pages, which AWS does not have: `/_local/health`, `/_local/history`, `/_local/faults`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from sagemaker_local.fault_rules import parse
from sagemaker_local.faults import Faults
from sagemaker_local.store import Store

HEALTH = "/_local/health"


class Pages:
    """What a test or a person asks the plane itself."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    @property
    def routes(self) -> list[BaseRoute]:
        return [
            Route(HEALTH, self.health),
            Route("/_local/history", self.history),
            Route("/_local/faults", self.faults, methods=["GET", "PUT"]),
        ]

    async def health(self, _: Request) -> JSONResponse:
        """How many resources of each kind there are, and how many events wait."""
        counts, waiting = await self._store.run(lambda each: (each.counts(), each.events_waiting()))
        return JSONResponse({"status": "ok", "resources": counts, "events_waiting": waiting})

    async def history(self, request: Request) -> JSONResponse:
        """Every change of `?endpoint=NAME`, or of all."""
        endpoint = request.query_params.get("endpoint")
        return JSONResponse(await self._store.run(lambda transaction: transaction.history(endpoint)))

    async def faults(self, request: Request) -> JSONResponse:
        """The rules, each with how often it was taken; PUT replaces them all, or answers 400 and why not."""
        if request.method == "PUT":
            try:
                self._faults.replace(parse(await request.json(), "the request"))
            except ValueError as error:  # FaultError, or no JSON
                return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse(self._faults.shown())

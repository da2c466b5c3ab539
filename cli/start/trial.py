"""A trial of somebody's data on the local stack: half of it, then all of it, under live requests made of its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cli.demo.clients import LiveClients, Load, in_background
from cli.records.follow import follow
from cli.records.ledger import Line
from cli.stack.errors import StackError
from cli.stack.stack import Stack
from cli.start.file_look import FileLook
from cli.start.uploads import upload_dataset

HALF, ALL = 2, 1  # each n-th row
RUN_SECONDS = 900.0
MOST_REQUEST_ROWS = 5_000


@dataclass(frozen=True)
class Trial:
    """One model on one local stack; its pipeline.yaml is in place."""

    stack: Stack
    model: str
    target: str
    look: FileLook

    def first(self, show: Callable[[str], None]) -> Line:
        """Every other row: the first model, with nothing to compare it with."""
        return self._drop("half.csv", HALF, show)

    def second(self, requests_per_second: float, show: Callable[[str], None]) -> tuple[Line, LiveClients]:
        """All rows, while clients ask the first model's endpoint; the clients say what they saw."""
        rows = self.look.requests(self.look.contract(self.target), MOST_REQUEST_ROWS)
        endpoint = f"switchyard-{self.model}"
        load = Load(self.stack.plane_url, endpoint, rows, requests_per_second, keys=self.stack.keys)
        with in_background(LiveClients(load)) as clients:
            line = self._drop("all.csv", ALL, lambda state: show(f"{state}, {_seen(clients)}"))
        return line, clients

    def _drop(self, name: str, every: int, show: Callable[[str], None]) -> Line:
        key = upload_dataset(self.stack, self.model, name, self.look.every(every))
        line = None
        for line in follow(self.stack, self.model, key, RUN_SECONDS):
            show(line.state if line else "ARRIVING")
        if line is None:
            raise StackError(f"{key} left no record in the ledger.", "Look at `switchyard status`.")
        return line


def _seen(clients: LiveClients) -> str:
    report = clients.snapshot()
    return f"{report.requests} live requests, {report.error_count} failed"

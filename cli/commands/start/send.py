"""`switchyard send`: live requests for a model, made of a file's rows."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.commands.look.contract import contract_of
from cli.commands.options import AsJson
from cli.commands.start.options import Model
from cli.demo.clients import LiveClients, Load, in_background
from cli.demo.tally import UNKNOWN_VARIANT, ClientReport
from cli.display import console, print_json, reporting, say
from cli.report.sources import sources_of
from cli.stack.stack import Stack
from cli.start.file_look import FileLook
from cli.start.questions import model_name
from cli.start.trial import MOST_REQUEST_ROWS

LOOK_SECONDS = 0.5


@reporting
def send(
    file: Annotated[
        Path, typer.Argument(help="A table with the model's columns; a target in it is left out.")
    ],
    model: Model = "",
    requests_per_second: Annotated[float, typer.Option(min=1, max=1000, help="How many.")] = 200.0,
    seconds: Annotated[float, typer.Option(min=1, help="When it ends by itself.")] = 600.0,
    as_json: AsJson = False,
) -> None:
    """Send live requests to a model on the local stack, until you press Ctrl-C.

    A rollout is decided by live requests: without any it ends INCONCLUSIVE.
    """
    stack, name = Stack.load(), model_name(model, file)
    contract = contract_of(sources_of(stack).artifacts, name)
    rows = FileLook(file).as_guessed().requests(contract, MOST_REQUEST_ROWS)
    load = Load(stack.plane_url, f"switchyard-{name}", rows, requests_per_second, keys=stack.keys)
    with in_background(LiveClients(load)) as clients:
        _until_stopped(clients, name, seconds)
    report = clients.snapshot()
    for variant, seen in sorted(report.variants.items()):
        who = "no model's answer" if variant == UNKNOWN_VARIANT else variant
        say(f"{who}: {seen.requests:,} requests, {seen.error_count:,} failed.")
    if as_json:
        print_json({"model": name, "variants": _counts(report)})


def _counts(report: ClientReport) -> dict[str, dict[str, int]]:
    """By variant; what no variant answered has the name "unknown"."""
    return {
        variant: {"requests": seen.requests, "failed": seen.error_count}
        for variant, seen in report.variants.items()
    }


def _until_stopped(clients: LiveClients, model: str, seconds: float) -> None:
    """Ctrl-C, or being told to end, is the usual end and no failure."""
    deadline = time.monotonic() + seconds
    with _told_to_stop() as stopped, console.status(f"Asking switchyard-{model} ...") as shown:
        while time.monotonic() < deadline and not stopped.wait(LOOK_SECONDS):
            seen = clients.snapshot()
            shown.update(f"switchyard-{model}: {seen.requests:,} requests, {seen.error_count:,} failed")


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by SIGINT and SIGTERM while the block runs."""
    stopped = threading.Event()
    before = {sign: signal.signal(sign, lambda *_: stopped.set()) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)

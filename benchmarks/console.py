"""The console before a ledger of 1,000 models and 10,000 runs: how long a page takes. `python -m benchmarks.console`

prints a table, with --json one JSON object a row; exit code 1 when a promise is missed. Ledger and buckets are a
MiniStack of its own on a free port of 127.0.0.1; executions and endpoints are recorded answers. One model has 1,000 of
the runs. Pages are asked for over HTTP: of several new consoles for the first time, where the middle one counts, and of
the last one again and again, for so long that they have to be read anew meanwhile. What a page takes of the console's
own thread is CPU time; other work on the machine does not change it much.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.checks import Check, finish
from benchmarks.console_ledger import LARGE, names, write
from cli.stack.home import Home
from cli.stack.loopback import local_client
from cli.stack.services import free_ports
from switchyard.aws.items import DynamoItems
from switchyard.aws.storage import S3Storage
from tests.browser.console import THREAD, console
from tests.cli.judged_runs import judged_evaluation
from tests.cli.settled_runs import RUN_ID, Desk
from tests.console.rollouts import rollout
from tests.console.site import Recorded, Site
from tests.contract.cloudformation import resources
from tests.stack.conftest import MiniStack

PAGE_MILLISECONDS, PAGE_CPU_MILLISECONDS = 200, 100
PATIENCE = 0.1  # as the board has it
CONSOLES = 3
SECONDS = 1.0  # how often the console reads anew: as `switchyard console` does for the local stack
UNREAD = "this page refreshes by itself"  # says a page that does not have everything yet
screen = Console(highlight=False, width=None if os.isatty(1) else 140)
PAGES = {
    "models": "/",
    "models, searched": "/?q=model-07",
    "models in trouble": "/?show=in+trouble",
    "a model of 1,000 runs": f"/models/{LARGE}",
    "a run of it": f"/models/{LARGE}/runs/{LARGE}-{500:012x}",
    "a rollout under way": f"/models/digits/runs/{RUN_ID}",
}


def main(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
    models: Annotated[int, typer.Option(min=2, help="Models in the ledger.")] = 1000,
    runs: Annotated[int, typer.Option(min=1000, help="Runs of all of them together.")] = 10_000,
    seconds: Annotated[float, typer.Option(min=1, help="How long each page is asked for.")] = 6.0,
) -> None:
    """Measure what each page of the console takes."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, stack(Path(folder)) as site:
        began = time.perf_counter()
        items = seed(site, models, runs)
        seeded = time.perf_counter() - began
        rows.append({"page": "seeding", "models": models, "runs": runs, "items": items, "seconds": seeded})
        rows += measure(site, seconds)
    finish(rows, [check for row in rows[1:] for check in checks(row)], as_json, show)


def seed(site: Site, models: int, runs: int) -> int:
    """A ledger of so many, and a rollout under way beside them; answers how many items of the former there are."""
    items = write(site.own["dynamodb"], "ledger", models, runs)
    for name in (*names(models), "digits"):
        site.own["s3"].put_object(Bucket="artifacts", Key=f"{name}/pipeline.yaml", Body=b"name: any")
    rollout(site)
    site.desk.differ()
    site.desk.write(f"digits/evaluations/{RUN_ID}/evaluation.json", judged_evaluation("binary"))
    return items


def measure(site: Site, seconds: float, consoles: int = CONSOLES) -> list[dict[str, Any]]:
    """One row a page."""
    firsts: dict[str, list[tuple[float, float]]] = {name: [] for name in PAGES}
    for number in range(consoles):
        with console(site, SECONDS, time.time, PATIENCE) as (_, may_act):
            for name, path in PAGES.items():
                firsts[name].append(look(may_act + path))
            if number == consoles - 1:
                draws = cpu_clock()
                taken = {name: ask_again(may_act + path, seconds, draws) for name, path in PAGES.items()}
    return [row(name, firsts[name], taken[name]) for name in PAGES]


def cpu_clock() -> Callable[[], float]:
    """Milliseconds that the thread has worked which draws pages; what is read is read in others."""
    [serving] = [thread.ident for thread in threading.enumerate() if thread.name == THREAD]
    assert serving is not None
    clock = time.pthread_getcpuclockid(serving)
    return lambda: 1000 * time.clock_gettime(clock)


def look(address: str) -> tuple[float, float]:
    """Milliseconds until a page is there for the first time, and until everything that it shows has been read."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        began = time.perf_counter()
        first, page = ask(client, address)
        while UNREAD in page:
            time.sleep(0.1)
            _, page = ask(client, address)
        return first, 1000 * (time.perf_counter() - began)


def ask_again(address: str, seconds: float, draws: Callable[[], float]) -> dict[str, Any]:
    """Milliseconds of a page that was there before."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        _, page = ask(client, address)
        taken, worked, until = [], [], time.perf_counter() + seconds
        while time.perf_counter() < until or len(taken) < 2:
            before = draws()
            taken.append(ask(client, address)[0])
            worked.append(draws() - before)
            time.sleep(0.02)  # a viewer reads; without it the page would only wait for itself
    deciles = statistics.quantiles(taken, n=100)
    return {
        "asked": len(taken),
        "p50_ms": deciles[49],
        "p95_ms": deciles[94],
        "worst_ms": max(taken),
        "cpu_ms": statistics.median(worked),
        "worst_cpu_ms": max(worked),
        "kilobytes": len(page) / 1024,
    }


def row(name: str, firsts: Sequence[tuple[float, float]], again: dict[str, Any]) -> dict[str, Any]:
    """firsts: of each console, as `look` tells them. again: of the last one, as `ask_again` does."""
    first, filled = zip(*firsts, strict=True)
    return {
        "page": name,
        "first_ms": statistics.median(first),
        "least_first_ms": min(first),
        "most_first_ms": max(first),
        "filled_ms": statistics.median(filled),
    } | again


def ask(client: httpx.Client, address: str) -> tuple[float, str]:
    began = time.perf_counter()
    answer = client.get(address)
    taken = 1000 * (time.perf_counter() - began)
    assert answer.status_code == 200, answer.text[:500]
    assert " failed.</b>" not in answer.text
    return taken, answer.text


def checks(row: dict[str, Any]) -> list[Check]:
    return [
        Check(f"{row['page']}: 95 of 100 in milliseconds", row["p95_ms"], at_most=PAGE_MILLISECONDS),
        Check(
            f"{row['page']}: the first in milliseconds",
            row["first_ms"],
            at_most=PAGE_MILLISECONDS,
            spread=(row["least_first_ms"], row["most_first_ms"]),
        ),
        Check(f"{row['page']}: most CPU in milliseconds", row["worst_cpu_ms"], at_most=PAGE_CPU_MILLISECONDS),
    ]


@contextmanager
def stack(folder: Path) -> Iterator[Site]:
    """An empty ledger and empty buckets in a MiniStack of its own."""
    ministack = MiniStack(Home(folder / "home"), free_ports())
    ministack.home.make()
    ministack.start()
    try:
        yield site_of(ministack)
    finally:
        ministack.stop()


def site_of(ministack: MiniStack) -> Site:
    """Its own clients write; those of the pages are others, which refuse to."""
    own, pages = (
        {
            name: local_client(name, ministack.ports.ministack_url, ministack.home.keys())
            for name in ("s3", "dynamodb")
        }
        for _ in range(2)
    )
    for bucket in ("artifacts", "data"):
        own["s3"].create_bucket(Bucket=bucket)
    table = resources("AWS::DynamoDB::Table")["LedgerTable"]
    schema = {key: table[key] for key in ("AttributeDefinitions", "KeySchema", "BillingMode")}
    own["dynamodb"].create_table(TableName="ledger", **schema)
    recorded = Recorded()
    rest = dict.fromkeys(("stepfunctions", "sagemaker", "lambda", "logs"), recorded)
    desk = Desk(DynamoItems(own["dynamodb"], "ledger"), S3Storage(own["s3"], "artifacts"))
    return Site(pages | rest, recorded, desk, own | rest)


def show(rows: Sequence[dict[str, Any]], promised: Sequence[Check]) -> None:
    seeding, *pages = rows
    screen.print(f"{seeding['items']:,} items of {seeding['models']:,} models and {seeding['runs']:,} runs")
    table = Table(
        "page",
        "asked",
        "first",
        "filled",
        "p50",
        "p95",
        "worst",
        "CPU",
        "most CPU",
        "KB",
        title="milliseconds a page",
    )
    for row in pages:
        numbers = (
            row[name]
            for name in (
                "asked",
                "first_ms",
                "filled_ms",
                "p50_ms",
                "p95_ms",
                "worst_ms",
                "cpu_ms",
                "worst_cpu_ms",
                "kilobytes",
            )
        )
        table.add_row(row["page"], *(f"{number:,.0f}" for number in numbers))
    screen.print(table)
    for check in promised:
        screen.print(
            f"{'holds' if check.passed else 'MISSED'}: {check.name} {check.value:,.1f} {check.limit}"
        )


if __name__ == "__main__":
    typer.run(main)

"""`switchyard status`: what runs, where, and which endpoints serve."""

from __future__ import annotations

from rich.table import Table

from cli.display import console, reporting, say
from cli.local.bring_up import Part, parts
from cli.records.endpoints import Endpoint, endpoints
from cli.stack.home import Home
from cli.stack.stack import Stack


@reporting
def status() -> None:
    """Show what runs, its ports and logs, what is deployed, and the endpoints with their traffic."""
    home = Home.locate()
    found = parts(home)
    console.print(services_table(found))
    stack = Stack.load(home)  # says what to do when a part is missing
    outputs = Table("output", "value", title="Deployed")
    for name, value in stack.outputs.items():
        outputs.add_row(name, value)
    console.print(outputs)
    serving = endpoints(stack)
    if serving:
        console.print(endpoints_table(serving))
    else:
        say("No endpoint yet: drop a dataset, or run `switchyard demo`.")


def services_table(found: list[Part]) -> Table:
    table = Table("service", "state", "url", "pid", "log", title="Services")
    for part in found:
        table.add_row(part.title, part.condition, part.url, str(part.pid or ""), str(part.log))
    return table


def endpoints_table(serving: list[Endpoint]) -> Table:
    table = Table("endpoint", "status", "config", "variants (weight)", title="Endpoints")
    for endpoint in serving:
        table.add_row(endpoint.name, endpoint.status, endpoint.config, endpoint.traffic)
    return table

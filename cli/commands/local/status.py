"""`switchyard status`: what runs, where, and which endpoints serve."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.table import Table

from cli.commands.options import AsJson
from cli.display import console, print_json, reporting, say
from cli.local.parts import Part, parts
from cli.records.endpoints import Endpoint, endpoints
from cli.stack.home import Home
from cli.stack.stack import Stack


@reporting
def status(as_json: AsJson = False) -> None:
    """Show what runs, what is deployed, and the endpoints.

    With ports, logs and traffic.
    """
    home = Home.locate()
    found = parts(home)
    if as_json:
        print_json(document(found, Stack.load(home)))
        return
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


def document(found: list[Part], stack: Stack) -> dict[str, Any]:
    """The same for programs."""
    services = [
        {"name": p.title, "state": p.condition, "url": p.url, "pid": p.pid, "log": str(p.log)} for p in found
    ]
    serving = [asdict(each) | {"weights": dict(each.weights)} for each in endpoints(stack)]
    return {"services": services, "deployed": dict(stack.outputs), "endpoints": serving}


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

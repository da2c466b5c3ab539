"""The services of the local stack, as `status` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cli.stack.home import Home
from cli.stack.services import Ports, Service, services
from cli.stack.state import State, read_state


@dataclass(frozen=True)
class Part:
    """One service, as `status` shows it. condition: "running", "does not answer" or "stopped"."""

    title: str
    condition: str
    url: str
    pid: int | None
    log: Path


def parts(home: Home) -> list[Part]:
    """The services of the stack; empty before the first `up`."""
    state = read_state(home.state_file)
    if state is None:
        return []
    ports = Ports(state.ministack_port, state.plane_port)
    return [
        _part(home, state, service, url)
        for service, url in zip(services(home, ports), (ports.ministack_url, ports.plane_url), strict=True)
    ]


def _part(home: Home, state: State, service: Service, url: str) -> Part:
    child = state.children.get(service.name)
    if child is None or not child.is_running:
        return Part(service.title, "stopped", url, None, home.log(service.name))
    condition = "running" if service.is_served_by(child) else "does not answer"
    return Part(service.title, condition, url, child.pid, home.log(service.name))

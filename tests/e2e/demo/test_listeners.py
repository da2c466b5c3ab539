"""Whatever of a running stack listens lets no page in, and nobody without a key: found by looking, not by a list."""

import socket
from urllib.parse import urlsplit

import psutil
import pytest

from cli.stack.state import read_state
from sagemaker_local.runtime.port_key import can_lock
from tests.e2e.conftest import Demo
from tests.e2e.support import live_endpoint
from tests.intruders import Request, pages, send

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
SILENT_SECONDS = 2.0
OPEN = {"/_ministack/ready", "/_local/health"}  # tell nothing but that the service is there


def listeners(demo: Demo) -> dict[int, str]:
    """The address of each port that the services, and all that they started, listen on."""
    state = read_state(demo.home.state_file)
    assert state is not None
    services = [child.process() for child in state.children.values()]
    found: dict[int, str] = {}
    for process in [each for service in services if service for each in family(service)]:
        for each in process.net_connections("inet"):
            if each.status == psutil.CONN_LISTEN or (each.type == socket.SOCK_DGRAM and not each.raddr):
                found[each.laddr.port] = each.laddr.ip
    return found


def family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def takes_no_connection(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=SILENT_SECONDS):
            return False
    except TimeoutError:
        return True


def test_no_port_of_a_running_stack_lets_a_stranger_in(demo: Demo) -> None:
    assert live_endpoint(demo.stack).status == "InService"
    found = listeners(demo)
    assert set(found.values()) <= set(LOOPBACK)
    asked = [port for port in found if not takes_no_connection(port)]
    own = {urlsplit(url).port for url in (demo.stack.plane_url, demo.stack.ministack_url)}
    assert own < set(found)  # and the model's server
    if not can_lock():
        asked = [port for port in asked if port in own]  # docs/security.md, What is no wall
    assert set(asked) == own
    for port in asked:
        for path in ("/", "/invocations", *OPEN):
            for name, request in pages(port).items():
                assert send(port, path, request).is_refusal, (port, path, name)
        for path in ("/", "/ping", "/invocations"):
            assert send(port, path, Request("POST", {}, "1,2")).is_refusal, (port, path)

"""`switchyard console` itself: where it listens, what it prints, and what it says when it cannot."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest
from typer.testing import CliRunner

import cli.commands.look.console
from cli.main import app
from tests.contract.cloudformation import ROOT


@contextmanager
def taken() -> Iterator[int]:
    """A port of this machine that somebody else listens on."""
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_told_of(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHYARD_HOME", str(tmp_path))
    with taken() as port:
        answer = CliRunner().invoke(app, ["console", "--port", str(port)])
    assert answer.exit_code == 2
    assert "Name another --port" in answer.output


def test_without_a_wish_another_port_does_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with taken() as port:
        monkeypatch.setattr(cli.commands.look.console, "PORT", port)
        with closing(cli.commands.look.console._listen(-1)) as listening:
            host, found = listening.getsockname()
    assert host == "127.0.0.1"
    assert found not in (0, port)


def test_whoever_is_told_the_address_is_not_refused() -> None:
    with closing(cli.commands.look.console._listen(0)) as listening:
        address = listening.getsockname()
        with socket.create_connection(address, timeout=5) as client:
            assert client.getpeername() == address


def test_it_prints_its_address_and_serves_also_without_a_stack(tmp_path: object) -> None:
    command = [sys.executable, "-u", "-m", "cli.main", "console", "--port", "0"]
    environment = {"SWITCHYARD_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as served:
        try:
            assert served.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+/", served.stdout.readline())
            assert found is not None
            answer = httpx.get(found[0], timeout=30, trust_env=False)
        finally:
            served.terminate()
    assert answer.status_code == 200
    assert "Next: Start it with `switchyard up`." in answer.text

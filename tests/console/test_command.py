"""`switchyard console` itself: where it listens, what it prints, and what it says when it cannot."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

import cli.commands.look.console
from cli.main import app
from tests import patience
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
        with closing(cli.commands.look.console._listen(None)) as listening:
            host, found = listening.getsockname()
    assert host == "127.0.0.1"
    assert found not in (0, port)


def test_whoever_is_told_the_address_is_not_refused() -> None:
    with closing(cli.commands.look.console._listen(0)) as listening:
        address = listening.getsockname()
        with socket.create_connection(address, timeout=patience.SECONDS) as client:
            assert client.getpeername() == address


@contextmanager
def served(folder: object, *options: str) -> Iterator[tuple[str, Path]]:
    """(the first line that a console without a stack prints, the file that everything else goes to)."""
    command = [sys.executable, "-u", "-m", "cli.main", "console", "--port", "0", *options]
    log = Path(str(folder)) / "log"
    environment = {"SWITCHYARD_HOME": str(folder), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as console,
    ):
        try:
            assert console.stdout is not None
            yield console.stdout.readline(), log
        finally:
            console.terminate()


def test_it_prints_its_address_and_serves_also_without_a_stack(tmp_path: object) -> None:
    with served(tmp_path) as (line, _):
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found is not None
        answer = httpx.get(found[0], timeout=patience.SECONDS, trust_env=False)
    assert answer.status_code == 200
    assert "Next: Start it with <code>switchyard up</code>." in answer.text
    assert "read-only" in answer.text


def test_whoever_has_the_printed_address_may_act_and_no_log_has_it(tmp_path: object) -> None:
    with served(tmp_path) as (line, log):
        found = re.search(r"(http://127\.0\.0\.1:\d+)/t/([\w-]{43})/", line)
        assert found is not None
        root, token = found[1], found[2]
        page = httpx.get(found[0], timeout=patience.SECONDS, trust_env=False)
        act = f"{found[0]}models/digits/runs/digits-abababababab/abort"
        answer = httpx.post(
            act, data={"reason": "x"}, headers={"Origin": root}, timeout=patience.SECONDS, trust_env=False
        )
        httpx.get(f"{root}/t/{token}x/", timeout=patience.SECONDS, trust_env=False)
    assert "you can act here" in page.text
    assert answer.status_code == 409
    assert "The local stack was not started yet." in answer.text
    assert token not in log.read_text()


def test_a_console_that_only_looks_has_a_plain_address(tmp_path: object) -> None:
    with served(tmp_path, "--read-only") as (line, _):
        found = re.search(r"(http://127\.0\.0\.1:\d+/) ", line)
        assert found is not None
        act = f"{found[1]}models/digits/runs/digits-abababababab/abort"
        answer = httpx.post(
            act, headers={"Origin": found[1].rstrip("/")}, timeout=patience.SECONDS, trust_env=False
        )
    assert answer.status_code == 405


def test_a_browser_is_shown_the_way_by_a_file_of_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every user of a machine can read the command line of a browser."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    cli.commands.look.console._show("http://127.0.0.1:1/t/secret/")
    [address] = opened
    file = Path(address.removeprefix("file://"))
    assert "secret" not in address
    assert "url=http://127.0.0.1:1/t/secret/" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0

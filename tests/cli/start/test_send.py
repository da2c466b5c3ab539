"""`switchyard send`: rows of a file as requests, in the order of the model's contract."""

import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from tests.cli.deployed import Deployed
from tests.cli.settled_runs import Desk
from tests.cli.test_contract_command import CONTRACT

FILE = "id,job,age,left\nC1,nurse,41,no\nC2,driver,37,yes\n"
ASKED: list[tuple[str, str]] = []


class Endpoint(BaseHTTPRequestHandler):
    """Answers every row as a variant named `first` would; `interrupted` is called by the requests."""

    interrupted = staticmethod(lambda: None)

    def do_POST(self) -> None:
        self.interrupted()
        ASKED.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self.send_response(200)
        self.send_header("Content-Type", self.headers["Accept"])
        self.send_header("x-Amzn-Invoked-Production-Variant", "first")
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"0.5")

    def log_message(self, *_: object) -> None:
        """Nothing: the test says what it saw."""


@pytest.fixture
def endpoint(stack: Deployed, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(stack, "plane_url", f"http://127.0.0.1:{server.server_port}", raising=False)
    monkeypatch.setattr(stack, "keys", None, raising=False)
    monkeypatch.setattr(Endpoint, "interrupted", staticmethod(lambda: None))
    ASKED.clear()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def send(folder: Path, text: str, *options: str) -> Result:
    file = folder / "churn.csv"
    file.write_text(text)
    return CliRunner().invoke(app, ["send", str(file), *options])


@pytest.mark.usefixtures("endpoint")
def test_rows_are_sent_by_the_contract_until_the_time_is_over(deployed: Desk, tmp_path: Path) -> None:
    deployed.write("churn/contract.json", CONTRACT.to_dict())
    answer = send(tmp_path, FILE, "--seconds", "1")
    assert answer.exit_code == 0, answer.output
    assert {path for path, _ in ASKED} == {"/endpoints/switchyard-churn/invocations"}
    assert {row for _, row in ASKED} == {"41,nurse", "37,driver"}
    assert f"first: {len(ASKED):,} requests, 0 failed." in answer.output


@pytest.mark.usefixtures("endpoint")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_well(
    deployed: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: signal.Signals
) -> None:
    """The signal is the one of whoever handles it while requests are sent: before and after, it would end the tests."""
    deployed.write("churn/contract.json", CONTRACT.to_dict())
    before = signal.getsignal(sign)

    def interrupt() -> None:
        if (handler := signal.getsignal(sign)) is not before:
            handler(sign, None)

    monkeypatch.setattr(Endpoint, "interrupted", staticmethod(interrupt))
    answer = send(tmp_path, FILE, "--seconds", "600")
    assert answer.exit_code == 0, answer.output
    assert "first: " in answer.output
    assert signal.getsignal(sign) is before


@pytest.mark.usefixtures("endpoint")
def test_a_model_without_a_contract_and_a_file_without_its_columns_are_told(
    deployed: Desk, tmp_path: Path
) -> None:
    assert send(tmp_path, FILE).exit_code != 0
    deployed.write("churn/contract.json", CONTRACT.to_dict())
    answer = send(tmp_path, "id,age,left\nC1,41,no\n")
    assert answer.exit_code == 2
    assert "job" in answer.output
    assert ASKED == []

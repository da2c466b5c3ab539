"""What the browser meets on a stack that really runs: the console as its command serves it, and a rollout under way."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import yaml

from cli.demo.clients import LiveClients, Load
from cli.demo.data import DemoData, to_row
from cli.demo.stage import PIPELINE, Stage
from cli.records.ledger import Line
from cli.report.sources import sources_of
from cli.requests.steering import waiting_step
from cli.stack.errors import RefusedError
from cli.stack.home import REPOSITORY, Home
from cli.stack.stack import Stack
from switchyard.core.ledger.ledger import Ledger
from tests import patience
from tests.e2e.support import LIVE_ENDPOINT, MODEL, await_line, drop, line_of, put_artifact, until

ROLLOUT_SECONDS = 300.0
SLOW = {
    "steps": [10, 25, 50],
    "metrics": {"errors": {"margin": 0.0005, "baseline": 0.002}},
    "silence_seconds": 900,
}


@contextmanager
def console_of(home: Home) -> Iterator[str]:
    """The address of whoever may act, as `switchyard console` prints it."""
    command = [sys.executable, "-m", "cli.main", "console", "--port", "0"]
    environment = {**os.environ, "SWITCHYARD_HOME": str(home.folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
    ) as serving:
        try:
            assert serving.stdout is not None
            found = re.search(r"http://\S+", serving.stdout.readline())
            assert found, "the console printed no address"
            yield found[0].rstrip("/")
        finally:
            serving.terminate()


@dataclass(frozen=True)
class Digits:
    """The demo's model on a stack, with rollouts that nothing but a person ends for many minutes."""

    stack: Stack
    data: DemoData

    @property
    def ledger(self) -> Ledger:
        return sources_of(self.stack).ledger

    def begin(self) -> None:
        """Its first model goes live, and from then on evidence is slow to decide."""
        Stage(self.stack, self.data).prepare()
        put_artifact(self.stack, f"{MODEL}/pipeline.yaml", PIPELINE.read_bytes())
        drop(self.stack, f"{MODEL}/train/v1.csv", self.data.drops["v1"])
        line = await_line(self.stack, MODEL, f"{MODEL}/train/v1.csv", ROLLOUT_SECONDS)
        assert line.state == "PROMOTED", line.reason
        declared = yaml.safe_load(PIPELINE.read_text())
        slow = {**declared, "rollout": {**SLOW, "deadline_seconds": 3600}}
        put_artifact(self.stack, f"{MODEL}/pipeline.yaml", yaml.safe_dump(slow).encode())

    def rolling(self, name: str, rows: bytes) -> Line:
        """Drops the rows; answers once their rollout waits for evidence."""
        key = f"{MODEL}/train/{name}.csv"
        drop(self.stack, key, rows)
        return until(lambda: self._waiting(key), ROLLOUT_SECONDS, f"the rollout of {name} to begin")

    def _waiting(self, key: str) -> Line | None:
        line = line_of(self.stack, MODEL, key)
        with suppress(RefusedError):
            if line is not None and line.run_id:
                waiting_step(self.stack, line)
                return line
        return None

    def record(self, run_id: str) -> dict[str, Any]:
        """The decision record."""
        artifacts = sources_of(self.stack).artifacts
        found: dict[str, Any] = json.loads(artifacts.read(f"{MODEL}/decisions/{run_id}.json"))
        return found

    def clients(self) -> LiveClients:
        rows = [to_row(digit) for digit in self.data.live]
        return LiveClients(Load(self.stack.plane_url, LIVE_ENDPOINT, rows, 60.0, keys=self.stack.keys))


def status_of(address: str, *, origin: str) -> int:
    """What a form that was sent from another page, or from none, is answered."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", **({"Origin": origin} if origin else {})}
    request = Request(address, b"reason=a+stranger", headers)  # noqa: S310 - the console on this machine
    try:
        with urlopen(request, timeout=patience.SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except HTTPError as error:
        return error.code

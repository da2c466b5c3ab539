"""The README's story, typed as it stands: a file of one's own goes live, is broken on purpose, and comes back."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli.records.ledger import Line, read_lines
from cli.stack.home import REPOSITORY
from cli.stack.stack import Stack
from tests import patience
from tests.e2e.support import live_endpoint
from tests.walk.files import churn_csv

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800), pytest.mark.xdist_group("walk")]

README = (REPOSITORY / "README.md").read_text()
SECTION = README.partition("### Live, broken, and back\n")[2].partition("\n### ")[0]
FENCES = re.findall(r"^```(\w*)\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
COMMAND = ".venvs/dev/bin/switchyard "
ENDINGS = ["PROMOTED", "PROMOTED", "ROLLED_BACK"]


@dataclass
class Reader:
    """Somebody who types what the README says, in a folder with a file of their own."""

    stack: Stack
    folder: Path
    said: dict[str, str] = field(default_factory=dict)
    sending: subprocess.Popen[str] | None = None

    def does(self, kind: str, text: str) -> None:
        if kind == "yaml":
            self.writes(text)
            return
        for line in text.splitlines():
            assert line.startswith(COMMAND), line
            self.types(shlex.split(line.removeprefix(COMMAND)))

    def writes(self, line: str) -> None:
        """Under `training:` of the pipeline.yaml that `init` has left in the folder."""
        file = self.folder / "pipeline.yaml"
        file.write_text(re.sub(r"^(training:.*\n)", rf"\g<1>{line}", file.read_text(), flags=re.MULTILINE))

    def types(self, words: list[str]) -> None:
        command = [sys.executable, "-m", "cli.main", *words]
        if words[0] == "send":
            self.sending = self.opens(command)
            return
        ended = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=patience.SECONDS,
            check=False,
        )
        assert ended.returncode == 0, f"{words}: {ended.stdout}{ended.stderr}"
        self.said[words[0]] = ended.stdout

    def opens(self, command: list[str]) -> subprocess.Popen[str]:
        """Another terminal."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, text=True, **pipes)  # type: ignore[call-overload, no-any-return]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SWITCHYARD_HOME": str(self.stack.home.folder)}

    def stops_sending(self) -> str:
        assert self.sending is not None
        self.sending.send_signal(signal.SIGINT)
        return self.sending.communicate(timeout=patience.SECONDS)[0]


@pytest.fixture(scope="module")
def reader(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Once the whole story is played."""
    found = Reader(stack, tmp_path_factory.mktemp("newcomer"))
    churn_csv(found.folder)
    try:
        for kind, text in FENCES:
            found.does(kind, text)
        found.said["send"] = found.stops_sending()
        yield found
    finally:
        if found.sending is not None:
            found.sending.kill()


def lines(reader: Reader) -> list[Line]:
    return [line for line in read_lines(reader.stack, "churn") if line.run_id]


def test_each_run_ends_as_the_readme_says(reader: Reader) -> None:
    assert [line.state for line in lines(reader)][:3] == ENDINGS, [line.reason for line in lines(reader)]


def test_why_names_the_metric_and_the_verdict(reader: Reader) -> None:
    assert "ROLLED_BACK" in reader.said["why"]
    assert "errors: challenger" in reader.said["why"]


def test_the_champion_before_serves_again(reader: Reader) -> None:
    first = lines(reader)[0].run_id
    assert live_endpoint(reader.stack, "switchyard-churn").weights == ((first, 1.0),)


def test_only_the_broken_release_failed_requests(reader: Reader) -> None:
    """Its failures are errors of the endpoint, which no variant signs."""
    seen = re.findall(r"^(.+): [\d,]+ requests, ([\d,]+) failed", reader.said["send"], re.MULTILINE)
    failed = {who: int(count.replace(",", "")) for who, count in seen}
    first, second, *_ = (line.run_id for line in lines(reader))
    assert (failed[first], failed[second]) == (0, 0), reader.said["send"]
    assert failed["no model's answer"] > 0

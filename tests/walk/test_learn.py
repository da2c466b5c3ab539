"""The course, typed as it stands: after the demo every command of docs/learn.md works, one after another."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest

from cli.stack.home import REPOSITORY
from cli.stack.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2400), pytest.mark.xdist_group("walk")]

COURSE = (REPOSITORY / "docs" / "learn.md").read_text()
FENCES = re.findall(r"^```\n(.*?)^```", COURSE, re.MULTILINE | re.DOTALL)
SCRIPT = "\n".join(f"printf '\\n=== {number}\\n'\n{snippet}" for number, snippet in enumerate(FENCES))
STORY_SECONDS = 1200
TOOLS = [REPOSITORY / ".venvs" / "awscli" / "bin", REPOSITORY / ".venvs" / "dev" / "bin"]


@dataclass(frozen=True)
class Typed:
    """The shell in which all was typed: its exit status, and what each snippet printed."""

    exit_code: int
    printed: list[str]
    errors: str


@pytest.fixture(scope="module")
def typed(stack: Stack) -> Typed:
    environment = {
        **os.environ,
        "SWITCHYARD_HOME": str(stack.home.folder),
        "PATH": os.pathsep.join([*map(str, TOOLS), os.environ["PATH"]]),
        "AWS_PAGER": "",
    }
    for command in ([sys.executable, "-m", "cli.main", "demo"], ["bash", "-eu", "-c", SCRIPT]):
        ended = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            timeout=STORY_SECONDS,
            check=False,
        )
        if ended.returncode:
            break
    return Typed(
        ended.returncode, re.split(r"^=== \d+\n", ended.stdout, flags=re.MULTILINE)[1:], ended.stderr
    )


def test_every_command_of_the_course_works(typed: Typed) -> None:
    last = FENCES[len(typed.printed) - 1] if typed.printed else "the demo"
    assert typed.exit_code == 0, f"{last}\n{typed.errors}"
    assert len(typed.printed) == len(FENCES)


@pytest.mark.parametrize(
    "promised",
    [
        "train/part-0.csv",
        "Completed",
        "InService",
        "ProductionVariants",
        "model.tar.gz",
        "ExecutionStarted",
        ".jsonl",
    ],
)
def test_the_course_shows_what_it_talks_about(typed: Typed, promised: str) -> None:
    assert promised in "".join(typed.printed)

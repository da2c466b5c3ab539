"""Stories: scripts of real clients, each run by the python of its client's own environment.

`<client>/<story>.py` runs in `.venvs/<environment of the client>`. A story sees what a user's shell would have, and
nothing of this project.
"""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
ENVIRONMENTS = {"awscli": "awscli", "boto3": "dev", "sdk2": "sdk2", "sdk3": "sdk3"}
LIMIT_SECONDS = 900


@dataclass(frozen=True)
class Story:
    """One script of one client."""

    client: str
    script: Path

    @property
    def name(self) -> str:
        return f"{self.client}-{self.script.stem.replace('_', '-')}"

    @property
    def python(self) -> Path:
        return ROOT / ".venvs" / ENVIRONMENTS[self.client] / "bin" / "python"


@dataclass(frozen=True)
class Ending:
    """How a story ended: its exit code and all that it said."""

    code: int
    said: str
    seconds: float


def every_story() -> list[Story]:
    return [
        Story(client, script) for client in ENVIRONMENTS for script in sorted((FOLDER / client).glob("*.py"))
    ]


def tell(story: Story, folder: Path, variables: dict[str, str]) -> Ending:
    """Run the script to its end, in a folder of its own."""
    folder.mkdir()
    environment = variables | {
        "PATH": os.pathsep.join([str(story.python.parent), os.environ["PATH"]]),
        "PYTHONPATH": str(FOLDER / "shared"),
        "STORY_NAME": story.name,
        "HOME": str(folder),
        "TMPDIR": str(folder),
    }
    began = time.monotonic()
    with (folder / "said").open("w+") as said:
        try:
            code = subprocess.run(
                [story.python, story.script],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                timeout=LIMIT_SECONDS,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
            said.write(f"\nnot at its end after {LIMIT_SECONDS} s")
        said.seek(0)
        return Ending(code, said.read(), time.monotonic() - began)

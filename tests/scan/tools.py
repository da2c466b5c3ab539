"""The tools of requirements/scan.txt, run on this repository."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 600
BUILD = ROOT / "build/scan"


def run(tool: str, *arguments: str) -> str:
    """What a tool printed. Tools end with 1 when they find something, so only 2 and more is an error."""
    command = [str(Path(sys.executable).parent / tool), *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    if ended.returncode > 1:
        raise RuntimeError(f"{tool} ended with {ended.returncode}: {ended.stderr.strip()[-600:]}")
    return ended.stdout


def report(tool: str, *arguments: str) -> Any:
    """The same, as JSON."""
    return json.loads(run(tool, *arguments))


def tracked() -> list[str]:
    """The files that are in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]

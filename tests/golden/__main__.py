"""`python -m tests.golden`: records this version's golden folder anew; refused once the version is released."""

import contextlib
import io
import re
import sys
import tomllib
from pathlib import Path

from tests.golden.recording import write

ROOT = Path(__file__).resolve().parents[2]


def version() -> str:
    """Of this code."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def is_released(version: str) -> bool:
    """Whether the changelog has it under a heading of its own."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    return re.search(rf"^## \[{re.escape(version)}\]", changelog, re.MULTILINE) is not None


def main() -> int:
    if is_released(version()):
        said = f"{version()} is released: what it wrote does not change; raise the version in pyproject.toml first\n"
        sys.stderr.write(said)
        return 1
    with contextlib.redirect_stdout(io.StringIO()):  # the handlers' logs
        folder = write(version())
    sys.stdout.write(f"{folder}: {len(list(folder.glob('worlds/*')))} worlds\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

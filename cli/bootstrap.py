"""Puts the `switchyard` command into the environment whose interpreter runs this file; `make env` does it.

Standard library only: it runs before anything can be trusted to be importable.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
COMMAND = """#!{python}
from cli.main import app

app(prog_name="switchyard")
"""


def main() -> None:
    """Makes the repository's packages importable from anywhere, and writes `bin/switchyard`."""
    packages = Path(sysconfig.get_path("purelib"))
    (packages / "switchyard.pth").write_text(f"{REPOSITORY}\n{REPOSITORY / 'functions'}\n")
    command = Path(sys.executable).parent / "switchyard"
    command.write_text(COMMAND.format(python=sys.executable))
    command.chmod(0o755)


if __name__ == "__main__":
    main()

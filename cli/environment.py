"""Builds environments from files of pinned packages, side by side, with a bar and an estimate; `make` runs it.

    python3 cli/environment.py .venvs/dev=requirements/dev.txt .venvs/sam=requirements/sam.txt

One whose file `.built` is newer than its requirements is left as it is. Standard library only: it runs before anything
is installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import venv
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

OPTIONS = ("--disable-pip-version-check", "--no-input")
LAST_LINES = 15
COLLECTED = 0.6  # of the time that pip takes, about; the rest is unpacking
PAUSE = 0.2
WIDTH = 24
NEXT = "Next: see whether pip reaches its index (`pip config list`, `pip download pip`), then run the command again."


class Bar:
    """One line that is drawn over on a terminal; elsewhere only what is begun and what is done."""

    def __init__(self, name: str, packages: int) -> None:
        self._name, self._began, self._on_terminal = name, time.monotonic(), sys.stdout.isatty()
        self._say(f"Building {name}: {packages} packages ...", end="" if self._on_terminal else "\n")

    def at(self, share: float) -> None:
        """share: of the work that is done, 0 to 1."""
        if self._on_terminal:
            full = round(WIDTH * share)
            text = (
                f"Building {self._name} {'━' * full}{'─' * (WIDTH - full)} {share:4.0%} {self._left(share)}"
            )
            self._say(f"\r{text:<79}", end="")

    def done(self) -> None:
        start = "\r" if self._on_terminal else ""
        self._say(f"{start}{f'Built {self._name} in {self._seconds:.0f} s':<79}".rstrip(" "))

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _left(self, share: float) -> str:
        return "" if share < 0.05 else f"about {self._seconds * (1 - share) / share:.0f} s left"

    @staticmethod
    def _say(text: str, end: str = "\n") -> None:
        print(text, end=end, flush=True)


class Pip:
    """pip, as it goes: its lines are counted and kept, and shown where it fails."""

    def __init__(self, folder: Path, packages: int) -> None:
        self._folder, self._packages, self._seen, self._unpacks = folder, packages, 0, False
        self.last: deque[str] = deque(maxlen=LAST_LINES)

    def run(self, *words: str) -> int:
        """Its exit status."""
        command = [str(self._folder / "bin" / "python"), "-m", "pip", *OPTIONS, *words]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as pip:
            for line in pip.stdout or ():
                self.hear(line)
        return pip.returncode

    def hear(self, line: str) -> None:
        """Warnings are for whoever maintains the pins; what went wrong comes as ERROR."""
        if not line.startswith("WARNING:"):
            self.last.append(line.rstrip())
        self._seen += line.startswith("Collecting ")
        self._unpacks |= line.startswith("Installing collected packages")

    @property
    def done(self) -> float:
        """Packages that are installed; one that is collected counts for a part."""
        # pip says nothing while it unpacks: what is there is counted.
        there = len(list(self._folder.glob("lib/python*/site-packages/*.dist-info"))) if self._unpacks else 0
        return COLLECTED * self._seen + (1 - COLLECTED) * min(self._packages, there)


class Environment:
    """A folder with an interpreter and what its requirements pin."""

    def __init__(self, folder: Path, requirements: Path) -> None:
        self.folder, self.requirements = folder, requirements
        self.packages = packages_of(requirements)
        self.pip = Pip(folder, self.packages)

    @property
    def is_built(self) -> bool:
        stamp = self.folder / ".built"
        return stamp.exists() and stamp.stat().st_mtime >= self.requirements.stat().st_mtime

    def build(self) -> None:
        """SystemExit with what pip said last. The pins are installed as they are: nothing is resolved (`--no-deps`:
        pip's resolver refuses extras in files with hashes), and `pip check` sees what lacks.
        """
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(self.folder)
        pins = ("--no-deps", "--require-hashes", "-r", str(self.requirements))
        if self.pip.run("install", "--progress-bar", "off", *pins) or self.pip.run("check"):
            said = "\n  ".join(self.pip.last)
            raise SystemExit(
                f"\n{self.folder} could not be built from {self.requirements}. pip said last:\n  {said}\n{NEXT}"
            )
        (self.folder / ".built").touch()


def packages_of(requirements: Path) -> int:
    """How many packages the file pins."""
    return sum("==" in line and not line.startswith("#") for line in requirements.read_text().splitlines())


def build(environments: Sequence[Environment]) -> None:
    """As many at once as there are processors; SystemExit where one fails, once the others have ended."""
    packages = sum(each.packages for each in environments)
    bar = Bar(", ".join(str(each.folder) for each in environments), packages)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        left: set[Future[None]] = {pool.submit(each.build) for each in environments}
        while left:
            ended, left = wait(left, PAUSE, FIRST_COMPLETED)
            for each in ended:
                each.result()
            bar.at(sum(each.pip.done for each in environments) / max(1, packages))
    bar.done()


def main() -> None:
    named = [Environment(*map(Path, word.split("=", 1))) for word in sys.argv[1:]]
    stale = [each for each in named if not each.is_built]
    if stale:
        build(sorted(stale, key=lambda each: -each.packages))


if __name__ == "__main__":
    main()

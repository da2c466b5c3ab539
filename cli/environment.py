"""Builds one environment from a file of pinned packages, with a bar and an estimate; `make` runs it.

    python3 cli/environment.py .venvs/dev requirements/dev.txt

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import subprocess
import sys
import time
import venv
from collections import deque
from collections.abc import Sequence
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
        self._folder, self._packages, self._seen = folder, max(1, packages), 0
        self.last: deque[str] = deque(maxlen=LAST_LINES)

    def run(self, words: Sequence[str], bar: Bar | None = None) -> int:
        """Its exit status."""
        command = [str(self._folder / "bin" / "python"), "-m", "pip", *OPTIONS, *words]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as pip:
            for line in pip.stdout or ():
                self.hear(line)
                if bar:
                    bar.at(COLLECTED * self.collected)
                if bar and line.startswith("Installing collected packages"):
                    self._watch(pip, bar)
        return pip.returncode

    def hear(self, line: str) -> None:
        """Warnings are for whoever maintains the pins; what went wrong comes as ERROR."""
        if not line.startswith("WARNING:"):
            self.last.append(line.rstrip())
        self._seen += line.startswith("Collecting ")

    @property
    def collected(self) -> float:
        return min(1.0, self._seen / self._packages)

    def _watch(self, pip: subprocess.Popen[str], bar: Bar) -> None:
        """pip says nothing while it unpacks: what is there is counted."""
        while pip.poll() is None:
            there = len(list(self._folder.glob("lib/python*/site-packages/*.dist-info")))
            bar.at(COLLECTED + (1 - COLLECTED) * min(1.0, there / self._packages))
            time.sleep(PAUSE)


def packages_of(requirements: Path) -> int:
    """How many packages the file pins."""
    return sum("==" in line and not line.startswith("#") for line in requirements.read_text().splitlines())


def install(folder: Path, requirements: Path) -> None:
    """The pins as they are: nothing is resolved (`--no-deps`), and `pip check` sees what lacks."""
    packages = packages_of(requirements)
    pip, bar = Pip(folder, packages), Bar(str(folder), packages)
    words = ("install", "--progress-bar", "off", "--no-deps", "--require-hashes", "-r", str(requirements))
    if pip.run(words, bar) or pip.run(("check",)):
        said = "\n  ".join(pip.last)
        raise SystemExit(
            f"\n{folder} could not be built from {requirements}. pip said last:\n  {said}\n{NEXT}"
        )
    bar.done()


def main() -> None:
    folder, requirements = map(Path, sys.argv[1:])
    venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(folder)
    install(folder, requirements)


if __name__ == "__main__":
    main()

"""Runs a command while every core is kept busy: what hangs on how fast the machine is fails here.

`python -m tests.busy [--times 3] [-- COMMAND ...]`; without a command the end-to-end suite, then demo-all. Output goes
to the terminal; ends with the first exit status that is not 0.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

BURN = """
import os, sys, time
parent, end = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
while os.getppid() == parent and time.monotonic() < end:
    sum(number * number for number in range(20_000))
"""
LONGEST_SECONDS = 4 * 3600.0  # then they stop by themselves, whatever became of us
SUITE = [[sys.executable, "-m", "pytest", "tests/e2e"], [sys.executable, "-m", "cli.main", "demo-all"]]


@contextmanager
def busy(cores: int, seconds: float = LONGEST_SECONDS) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many processes do nothing but arithmetic; they end with the block, with this process, and after their time."""
    command = [sys.executable, "-c", BURN, str(os.getpid()), str(seconds)]
    burners = [subprocess.Popen(command) for _ in range(cores)]
    try:
        yield burners
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def main(
    command: Annotated[
        list[str] | None, typer.Argument(help="Behind --; the suite when there is none.")
    ] = None,
    times: Annotated[int, typer.Option(help="How often, one after the other.")] = 1,
    cores: Annotated[int, typer.Option(help="How many are kept busy; 0: all there are.")] = 0,
) -> None:
    """Run a command on a machine that has other things to do."""
    commands = [command] if command else SUITE
    with busy(cores or os.cpu_count() or 2):
        for number in range(times):
            for each in commands:
                typer.echo(f"busy, {number + 1} of {times}: {' '.join(each)}")
                if status := subprocess.run(each, check=False).returncode:
                    raise typer.Exit(status)


if __name__ == "__main__":
    typer.run(main)

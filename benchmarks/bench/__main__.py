"""Every line on speed beside its figure, in half an hour on two quiet cores: `python -m benchmarks.bench`.

Runs the benchmarks in the sizes of benchmarks/bench/schedule.py, each in processes of its own, writes
benchmarks/RESULTS.md, and prints one JSON object last. Exit code 1 where a line is missed. What each part says while it
works lies in build/bench/.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.bench.machine import ROOT, about
from benchmarks.bench.outcome import Line, Outcome, outcome
from benchmarks.bench.results import number, written
from benchmarks.bench.schedule import MOST_MINUTES, Part, chosen, played

RESULTS, LOGS = ROOT / "benchmarks/RESULTS.md", ROOT / "build/bench"
WHOLE = Part("bench", "the whole of it", "benchmarks.bench")


def main(
    only: Annotated[list[str] | None, typer.Option(help="A part; may be repeated. All without it.")] = None,
    quick: Annotated[bool, typer.Option(help="Small sizes: whether it works, not how fast.")] = False,
    results: Annotated[
        Path | None, typer.Option(help="Where the document goes; of a whole run benchmarks/RESULTS.md.")
    ] = None,
) -> None:
    """Measure everything that must hold of speed."""
    try:
        parts = chosen(only or ())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    told, began = about(), time.monotonic()
    LOGS.mkdir(parents=True, exist_ok=True)
    place, outcomes = results or (None if quick or only else RESULTS), list[Outcome]()
    for found in played(parts, partial(run, is_quick=quick)):
        outcomes.append(_said(found))
        _keep(place, told, outcomes, parts)
    outcomes.append(_whole(time.monotonic() - began))
    _keep(place, told, outcomes, parts)
    printed = document(told, outcomes)
    typer.echo(json.dumps(printed))
    raise typer.Exit(1 if printed["missed"] else 0)


def _keep(
    place: Path | None, told: dict[str, Any], outcomes: Sequence[Outcome], parts: Sequence[Part]
) -> None:
    """After each part: what breaks off leaves what it has measured, and says what is missing."""
    if place:
        left = {part.name for part in parts} - {each.part.name for each in outcomes}
        place.write_text(written(told, outcomes, sorted(left)))


def _whole(seconds: float) -> Outcome:
    """The half hour is a line, too."""
    minutes = seconds / 60
    line = Line(WHOLE.name, "minutes", minutes, f"<= {MOST_MINUTES:g}", minutes <= MOST_MINUTES)
    return Outcome(WHOLE, (), (line,), (), seconds)


def run(part: Part, *, is_quick: bool = False) -> Outcome:
    """One part, in a process of its own; its outputs are kept as files."""
    print(f"{part.name}: {part.about} ...", file=sys.stderr, flush=True)
    printed, said = (LOGS / f"{part.name}.{kind}" for kind in ("json", "log"))
    place = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}"}
    began = time.monotonic()
    with printed.open("w") as out, said.open("w") as errors:
        command = [sys.executable, *part.arguments(is_quick=is_quick)]
        process = subprocess.Popen(command, cwd=ROOT, env=place, stdout=out, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds, cpu_s = time.monotonic() - began, usage.ru_utime + usage.ru_stime
    return outcome(part, printed.read_text(), said.read_text(), process.returncode, seconds, cpu_s)


def _said(found: Outcome) -> Outcome:
    """As soon as a part is over."""
    held = len(found.lines) - len(found.missed)
    log = (LOGS / f"{found.part.name}.log").relative_to(ROOT)
    print(
        f"{found.part.name}: {held} of {len(found.lines)} hold, {found.seconds:.0f} s, {log}", file=sys.stderr
    )
    for line in found.missed:
        print(f"  MISSED {line.name}: {number(line.value)} {line.limit}", file=sys.stderr, flush=True)
    return found


def document(told: dict[str, Any], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The object that is printed last."""
    lines = [line.to_dict() for each in outcomes for line in each.lines]
    parts = {
        each.part.name: {"seconds": each.seconds, "cpu_s": each.cpu_s, "rows": each.rows} for each in outcomes
    }
    return {**told, "parts": parts, "lines": lines, "missed": [line for line in lines if not line["passed"]]}


if __name__ == "__main__":
    typer.run(main)

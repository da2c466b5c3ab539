"""The serving container beside its peers and its floor, on one model file: `python -m benchmarks.serving`.

Every server has one core and one worker, the caller another core; they are asked in turns, in rounds. What is compared
is CPU time, user and system of all processes of a server: other work on the machine does not change it much. Requests a
second are what a core gives by that time; what the clock said stands beside it. Figures of a server are those of the
quietest round: what disturbs a round makes them worse, never better. Ratios of CPU time are the middle of those of each
round, whose sides ran within seconds: the quietest rounds of two servers may be minutes apart.

Workers: requests by the CPU time of both, so that a caller that needs a core itself does not count. The worker on the
caller's core gets less of it, answers later, and is asked less: how even the shares are is a line of its own, and the
caller a slow one. It also makes that worker's own work dearer, by what it leaves in the caches, and no caller of a real
endpoint does. So two workers are held against one alone on the other core and one beside the caller, and each worker
has 8 connections.

Figures are promised on Python 3.11 and on 3.12: `--python` names interpreters of requirements/container.txt, `--peers`
those of requirements/peers.txt, one for each. Tables, with --json one JSON object a row; exit code 1 when a promise is
missed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.checks import Check, finish, show
from benchmarks.serving.contenders import (
    BARE,
    CONTAINER,
    ON_TEXTS,
    PEERS,
    THE_FLOOR,
    WORKERS,
    Contender,
    Contenders,
)
from benchmarks.serving.load import WRK
from benchmarks.serving.promises import EACH, SHARES, promises, tail
from benchmarks.serving.stage import CORES, ROOT

ROUNDS, SECONDS, FEW, CONNECTIONS = 3, 1.0, 8, (1, 8, 32)
MANY_ROWS, SAME_WITHIN = 1000, 1e-5
_VENVS = ROOT / ".venvs"


def main(
    python: Annotated[
        list[Path] | None, typer.Option(help="An interpreter of the container; may be repeated.")
    ] = None,
    peers: Annotated[
        list[Path] | None, typer.Option(help="The peers' interpreter for it; may be repeated.")
    ] = None,
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Measure the container on each interpreter, beside peers on the same one."""
    rows: list[dict[str, Any]] = []
    checks: list[Check] = []
    given = list(zip(python, peers or [], strict=True)) if python else _built()
    for container, theirs in given:
        found = measure(container, theirs, rounds, seconds)
        rows += [{name: each for name, each in row.items() if name not in (EACH, SHARES)} for row in found]
        checks += promises(found)
    _note(len(given), rows)
    finish(rows, checks, as_json, show)


def measure(
    python: Path,
    peers: Path | None,
    rounds: int,
    seconds: float,
    connections: Sequence[int] = CONNECTIONS,
) -> list[dict[str, Any]]:
    """One row a contender, form of body, number of rows and of connections."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        contenders = Contenders(stack, Path(folder), python, peers)
        running = [*contenders.ours(), *(contenders.peers() if peers else ())]
        _check_answers(running)
        asked = _asked(running, connections)
        asked += [(each, "csv", 1, FEW * count) for each, count in contenders.workers()]
        samples: list[list[dict[str, Any]]] = [[] for _ in asked]
        for turn in range(rounds):
            print(f"round {turn + 1} of {rounds}: {len(asked)} turns of {seconds:g} s", file=sys.stderr)
            for (contender, form, count, callers), taken in zip(asked, samples, strict=True):
                taken.append(
                    contender.server.ask(
                        contender.forms[form](count), callers, seconds, _fast(contender, count)
                    )
                )
        version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.split()[1]
        return [{"python": version, **_row(*case, taken)} for case, taken in zip(asked, samples, strict=True)]


def _asked(running: Sequence[Contender], connections: Sequence[int]) -> list[tuple[Contender, str, int, int]]:
    """Single rows from each number of callers where forms are compared, else from few; many rows from few.

    What is compared is asked the same before: a server that has been idle is slower at first.
    """
    asked = []
    for contender in running:
        for form in contender.forms:
            compared = contender.name in (CONTAINER, THE_FLOOR, ON_TEXTS) or "+" in contender.name
            callers = connections if compared and form == next(iter(contender.forms)) else (FEW,)
            asked += [(contender, form, 1, count) for count in callers] + [(contender, form, MANY_ROWS, FEW)]
    return asked


def _fast(contender: Contender, rows: int) -> bool:
    return rows == 1 and contender.name not in (*PEERS, *WORKERS)


def _check_answers(running: Sequence[Contender]) -> None:
    """Peers that answer something else are not compared. Also warms them up."""
    own = next(each for each in running if each.name == CONTAINER)
    expected = own.server.scores(own.forms["csv"](MANY_ROWS))
    for each in running:
        for form in each.forms.values() if each.name in PEERS else ():
            for _ in range(20):
                found = each.server.scores(form(MANY_ROWS))
            if max(abs(a - b) for a, b in zip(found, expected, strict=True)) > SAME_WITHIN:
                raise RuntimeError(f"{each.name} does not answer what the container answers")


def _row(
    contender: Contender, form: str, rows: int, callers: int, taken: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    quiet = min(taken, key=tail)
    return {
        "server": contender.name,
        "form": form,
        "rows": rows,
        "connections": callers,
        EACH: [each["cpu_us"] for each in taken],
        SHARES: [each["busiest_us"] / each["cpu_us"] for each in taken],
        "cpu_us": min(each["cpu_us"] for each in taken),
        "busiest_us": min(each["busiest_us"] for each in taken),
        "rps": max(each["rps"] for each in taken),
        "p50_ms": quiet["p50_ms"],
        "p99_ms": quiet["p99_ms"],
        "start_cpu_s": contender.server.start_cpu_seconds,
        "memory_mb": contender.server.megabytes(),
    }


def _built() -> list[tuple[Path, Path]]:
    """The environments that `make` has built. Raises BadParameter where there is none."""
    pairs = [
        (_VENVS / f"container{version}/bin/python", _VENVS / f"peers{version}/bin/python")
        for version in ("", "-3.12")
    ]
    found = [pair for pair in pairs if all(path.exists() for path in pair)]
    if not found:
        raise typer.BadParameter(
            f"{pairs[0][1]} is missing: `make peers` builds it from requirements/peers.txt"
        )
    return found


def _note(interpreters: int, rows: Sequence[dict[str, Any]]) -> None:
    """What could not be had, said."""
    notes = [
        (
            interpreters > 1,
            "one interpreter alone was measured: `make peers` builds Python 3.12's where it finds it",
        ),
        (
            WRK,
            "wrk is not installed: the caller is Python, and requests/s are its own (Debian: apt-get install wrk)",
        ),
        (
            shutil.which("nginx", path="/usr/sbin:/usr/bin"),
            "nginx is not installed: gunicorn answered without it (Debian: apt-get install nginx-light)",
        ),
        (
            all(tail(row) <= 3 for row in rows if row["server"] == BARE),
            "bare HTTP alone has a p99 of over 3 p50: other work keeps this machine busy; measure once more",
        ),
        (len(CORES) > 1, "there is one core: caller and server shared it, and two workers did too"),
    ]
    for had, note in notes:
        if not had:
            print(f"note: {note}", file=sys.stderr)


if __name__ == "__main__":
    typer.run(main)

"""The line on throughput: how many uploads a second the local line records."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import yaml

from benchmarks.checks import Check
from cli.demo.data import load_digits, to_csv
from cli.demo.stage import PIPELINE
from cli.records.ledger import read_lines
from cli.stack.home import Home
from cli.stack.state import read_state
from tests.e2e.support import MODEL, drop, put_artifact, stack_of_its_own, until
from tests.proof.line import Size
from tests.proof.live import Rig

UPLOADS, ROWS, AT_ONCE = 200, 150, 8
CORES = 2
PATIENT = {"silence_seconds": 3_000, "deadline_seconds": 3_600}
SECONDS = 600.0


def recorded(_: Size) -> Iterator[Check]:
    """Uploads of a model that has a rollout under way: each is read, checked and recorded, and no run begins.

    The CPU of MiniStack and its functions counts, on as many cores as the promise names: others' work on the machine
    would be in the clock's seconds.
    """
    with tempfile.TemporaryDirectory(prefix="switchyard-proof-") as folder, stack_of_its_own(Path(folder)):
        rig = Rig(Home(Path(folder)))
        rig.prepare()
        document = yaml.safe_load(PIPELINE.read_text())
        document["rollout"] |= PATIENT
        put_artifact(rig.stack, f"{MODEL}/pipeline.yaml", yaml.safe_dump(document).encode())
        rig.meet("JudgeWindow", 0.10)
        began, cpu = time.monotonic(), _cpu(rig.home)
        _drop_all(rig)
        until(lambda: _recorded(rig) >= UPLOADS, SECONDS, "all uploads to be on record")
        seconds, cpu = time.monotonic() - began, _cpu(rig.home) - cpu
    print(
        f"       {UPLOADS} uploads, {seconds:.1f} s by the clock, {cpu:.1f} CPU s",
        file=sys.stderr,
        flush=True,
    )
    yield Check(f"uploads a second that {CORES} cores record", CORES * UPLOADS / cpu, at_least=20)


def _drop_all(rig: Rig) -> None:
    rows, stack = load_digits(), rig.stack
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number in range(UPLOADS):
            body = to_csv(rows[number : number + ROWS])
            pool.submit(drop, stack, f"{MODEL}/train/burst-{number}.csv", body)


def _recorded(rig: Rig) -> int:
    return sum("/burst-" in line.source for line in read_lines(rig.stack, MODEL))


def _cpu(home: Home) -> float:
    """Seconds of MiniStack and all that it started."""
    state = read_state(home.state_file)
    assert state is not None
    root = psutil.Process(state.children["ministack"].pid)
    return sum(
        sum(each.cpu_times()[:4]) if each == root else sum(each.cpu_times()[:2])
        for each in (root, *root.children(recursive=True))
    )

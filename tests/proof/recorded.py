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
from cli.stack.stack import Stack
from cli.stack.state import read_state
from tests.e2e.support import MODEL, drop, put_artifact, stack_of_its_own, until
from tests.proof.line import Size
from tests.proof.live import Rig

COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
ROWS, AT_ONCE = 150, 8
WARM = 16  # before anything is measured, so that functions have started
BESIDE_SECONDS = 20.0  # what the rollout itself takes, and is no upload's
CORES = 2
PATIENT = {"silence_seconds": 3_000, "deadline_seconds": 3_600}
SECONDS = 1_200.0


def recorded(size: Size) -> Iterator[Check]:
    """Uploads of a model that has a rollout under way: each is read, checked and recorded, and no run begins.

    The CPU of MiniStack and its functions counts, on as many cores as the promise names: others' work on the machine
    would be in the clock's seconds. What they take while nothing is uploaded is the rollout's, and is taken off.
    """
    with tempfile.TemporaryDirectory(prefix="switchyard-proof-") as folder, stack_of_its_own(Path(folder)):
        rig = Rig(Home(Path(folder)))
        rig.prepare()
        document = yaml.safe_load(PIPELINE.read_text())
        document["rollout"] |= PATIENT
        put_artifact(rig.stack, f"{MODEL}/pipeline.yaml", yaml.safe_dump(document).encode())
        rig.meet("JudgeWindow", 0.10)
        _record(rig, "warm", WARM)
        beside = _beside(rig.home)
        began, cpu = time.monotonic(), _cpu(rig.home)
        _record(rig, "burst", size.uploads)
        seconds = time.monotonic() - began
        cpu = _cpu(rig.home) - cpu - beside * seconds
    told = (
        f"{size.uploads} uploads, {seconds:.1f} s by the clock, {cpu:.1f} CPU s, {beside:.2f} a second beside"
    )
    print(f"       {told}", file=sys.stderr, flush=True)
    figure = CORES * size.uploads / cpu
    yield Check(f"uploads a second that {CORES} cores record", figure, at_least=size.uploads_a_second)


def _record(rig: Rig, name: str, count: int) -> None:
    """Returns when all of them are on record."""
    rows, stack = load_digits(), rig.stack
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number in range(count):
            body = to_csv(rows[number : number + ROWS + len(name)])  # no other dataset has these rows
            pool.submit(drop, stack, f"{MODEL}/train/{name}-{number}.csv", body)
    until(lambda: not _arriving(stack), SECONDS, f"all {name} uploads to be taken from the queue")
    told = sum(f"/{name}-" in line.source for line in read_lines(stack, MODEL))
    assert told == count, f"{told} of {count} {name} uploads are on record"


def _arriving(stack: Stack) -> int:
    """Messages that wait or are at work. To ask the ledger again and again would be most of what is measured."""
    sqs = stack.client("sqs")
    [url] = sqs.list_queues(QueueNamePrefix="switchyard-ArrivalQueue")["QueueUrls"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"]
    return sum(int(found[name]) for name in COUNTS)


def _beside(home: Home) -> float:
    """CPU seconds of a second in which nothing is uploaded."""
    began, cpu = time.monotonic(), _cpu(home)
    while (seconds := time.monotonic() - began) < BESIDE_SECONDS:
        time.sleep(1.0)
    return (_cpu(home) - cpu) / seconds


def _cpu(home: Home) -> float:
    """Seconds of MiniStack and all that it started."""
    state = read_state(home.state_file)
    assert state is not None
    root = psutil.Process(state.children["ministack"].pid)
    return sum(
        sum(each.cpu_times()[:4]) if each == root else sum(each.cpu_times()[:2])
        for each in (root, *root.children(recursive=True))
    )

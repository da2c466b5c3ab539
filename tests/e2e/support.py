"""What the end-to-end tests do as a user would: drop data, wait for verdicts, break things, start again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from cli.demo.data import Digit, load_digits, to_csv
from cli.local.bring_up import bring_up, take_down
from cli.records.endpoints import Endpoint, endpoints
from cli.records.ledger import Line, read_lines
from cli.records.run_state import is_terminal
from cli.stack.home import REPOSITORY, Home
from cli.stack.stack import Stack
from cli.stack.state import read_state
from tests import patience

T = TypeVar("T")
MODEL = "digits"
LIVE_ENDPOINT = f"switchyard-{MODEL}"
RUN_SECONDS = 4 * patience.SECONDS  # a whole run, beside others


@contextmanager
def quiet_step(_title: str) -> Iterator[None]:
    yield


@contextmanager
def stack_of_its_own(folder: Path) -> Iterator[Stack]:
    """A local stack that holds no model; it is taken down, and gone, behind the block."""
    home = Home(folder)
    try:
        yield bring_up(home, quiet_step).stack
    finally:
        take_down(home, quiet_step, purge=True)


def fresh_rows(seed: int) -> bytes:
    """A sound dataset that no other seed gives: 900 digits, shuffled by the seed."""
    digits: list[Digit] = load_digits()
    random.Random(seed).shuffle(digits)  # noqa: S311 a repeatable shuffle, not a secret
    return to_csv(digits[:900])


def drop(stack: Stack, key: str, body: bytes) -> None:
    stack.client("s3").put_object(Bucket=stack.output("DataBucketName"), Key=key, Body=body)


def put_artifact(stack: Stack, key: str, body: bytes) -> None:
    stack.client("s3").put_object(Bucket=stack.output("ArtifactBucketName"), Key=key, Body=body)


def read_artifact(stack: Stack, key: str) -> bytes:
    body: bytes = (
        stack.client("s3").get_object(Bucket=stack.output("ArtifactBucketName"), Key=key)["Body"].read()
    )
    return body


def exists(stack: Stack, key: str) -> bool:
    listed = stack.client("s3").list_objects_v2(Bucket=stack.output("ArtifactBucketName"), Prefix=key)
    return any(item["Key"] == key for item in listed.get("Contents", []))


def line_of(stack: Stack, model: str, key: str) -> Line | None:
    found = [line for line in read_lines(stack, model) if line.source.endswith(f"/{key}")]
    return found[-1] if found else None


def await_line(stack: Stack, model: str, key: str, seconds: float = RUN_SECONDS) -> Line:
    """The upload's line once its run has ended."""
    return until(
        lambda: line if (line := line_of(stack, model, key)) and is_terminal(line.state) else None,
        seconds,
        f"{key} to end",
    )


def live_endpoint(stack: Stack, name: str = LIVE_ENDPOINT) -> Endpoint:
    return next(each for each in endpoints(stack) if each.name == name)


def until(look: Callable[[], T | None], seconds: float, what: str) -> T:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")


def kill(home: Home, service: str, sign: signal.Signals) -> None:
    """Ends one of the stack's own services, by the pid that `up` recorded, and waits until it is gone."""
    state = read_state(home.state_file)
    assert state is not None
    child = state.children[service]
    assert child.is_running
    os.kill(child.pid, sign)
    until(lambda: not child.is_running, patience.SECONDS, f"{service} to end")


def switchyard(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "SWITCHYARD_HOME": str(home.folder)},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )

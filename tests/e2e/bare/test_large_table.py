"""A table that is more than a Lambda should do, on a stack whose limit is low: a machine of its own checks and prepares
it, the line goes on, and what it refuses reads as at the door.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from cli.records.ledger import Line
from cli.stack.stack import Stack
from tests.e2e.conftest import Running
from tests.e2e.support import await_line, drop, exists, put_artifact

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

MODEL = "loans"
# A batch model goes live by the gate alone: what is looked at here comes before it.
PIPELINE = f"name: {MODEL}\ntarget: repaid\ndeployment: {{ mode: batch }}\n"
LARGE = 17 * 1024**2  # samconfig.toml, local: LargeDatasetMegabytes


def table(size: int, seed: int, defect: str = "") -> bytes:
    """Numbers, words, dates and a target of words, of at least `size` bytes. defect: row 1001's date."""
    lots, lines, written = random.Random(seed), ["age,job,balance,since,repaid\n"], 0  # noqa: S311 rows, no secret
    while written < size:
        age, balance = lots.randint(18, 90), lots.random() * 1e4
        since = f"2024-0{lots.randint(1, 9)}-1{lots.randint(0, 9)}"
        if defect and len(lines) == 1000:
            since = defect
        job = lots.choice(("cook", "smith", "clerk"))
        lines.append(f"{age},{job},{balance:.2f},{since},{'yes' if age + balance / 500 > 60 else 'no'}\n")
        written += len(lines[-1])
    return "".join(lines).encode()


def job_of(stack: Stack, line: Line) -> dict[str, Any]:
    client = stack.client("sagemaker")
    return dict(client.describe_processing_job(ProcessingJobName=f"switchyard-{line.run_id}-data"))


@pytest.fixture(scope="module")
def stack(bare: Running) -> Stack:
    put_artifact(bare.stack, f"{MODEL}/pipeline.yaml", PIPELINE.encode())
    return bare.stack


def dropped(stack: Stack, name: str, body: bytes) -> Line:
    drop(stack, f"{MODEL}/train/{name}", body)
    return await_line(stack, MODEL, f"train/{name}")


def test_what_the_machine_refuses_reads_as_at_the_door(stack: Stack) -> None:
    large = dropped(stack, "bad.csv", table(LARGE, 1, "yesterday"))
    assert job_of(stack, large)["ProcessingJobStatus"] == "Completed"
    small = dropped(stack, "worse.csv", table(100_000, 1, "yesterday"))
    assert (large.state, small.state, small.run_id) == ("INVALID", "INVALID", "")
    assert large.reason.replace("bad.csv", "worse.csv") == small.reason
    assert "row 1001, column 'since': not a date" in large.reason


def test_what_the_machine_has_prepared_goes_live(stack: Stack) -> None:
    line = dropped(stack, "good.csv", table(LARGE, 2))
    assert line.state == "PROMOTED", line.reason
    job = job_of(stack, line)
    assert job["ProcessingJobStatus"] == "Completed"
    assert job["RoleArn"].endswith(f"role/switchyard/switchyard-{MODEL}-dataset")
    assert exists(stack, f"{MODEL}/contract.json")
    assert exists(stack, f"{MODEL}/holdout/holdout.csv")

"""A hundred rows go live: cross-validation judges on all of them, and all that tells of the run says so."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from cli.records.ledger import Line
from cli.stack.stack import Stack
from tests.e2e.conftest import Running
from tests.e2e.support import await_line, drop, put_artifact, switchyard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

MODEL = "flowers"
# A batch model goes live by the gate alone: what is looked at here is the gate.
PIPELINE = """\
name: flowers
target: species
deployment: { mode: batch }
evaluation: { metrics: { accuracy: { margin: 0.1 } } }
"""


def flowers(rows: int, seed: int) -> bytes:
    """Three species that are told apart by their petals, most of the time."""
    lots, lines = random.Random(seed), ["petal_length,petal_width,species"]  # noqa: S311 - rows, no secret
    for number in range(rows):
        kind = number % 3
        petals = lots.gauss(1.5 + 2 * kind, 0.5), lots.gauss(0.3 + 0.9 * kind, 0.3)
        lines.append(f"{petals[0]:.2f},{petals[1]:.2f},{('setosa', 'versicolor', 'virginica')[kind]}")
    return "\n".join([*lines, ""]).encode()


def judged(stack: Stack, line: Line) -> dict[str, Any]:
    key = f"{MODEL}/evaluations/{line.run_id}/evaluation.json"
    found = stack.client("s3").get_object(Bucket=stack.output("ArtifactBucketName"), Key=key)
    return dict(json.loads(found["Body"].read()))


@pytest.fixture(scope="module")
def stack(bare: Running) -> Stack:
    return bare.stack


@pytest.fixture(scope="module")
def runs(stack: Stack) -> list[Line]:
    found = []
    put_artifact(stack, f"{MODEL}/pipeline.yaml", PIPELINE.encode())
    for name, body in (
        ("week-1", flowers(90, 1)),
        ("week-2", flowers(90, 1) + flowers(45, 2).partition(b"\n")[2]),
    ):
        drop(stack, f"{MODEL}/train/{name}.csv", body)
        found.append(await_line(stack, MODEL, f"{MODEL}/train/{name}.csv"))
    return found


def test_both_datasets_of_a_hundred_rows_go_live(runs: list[Line]) -> None:
    assert [line.state for line in runs] == ["PROMOTED", "PROMOTED"], [line.reason for line in runs]


def test_the_second_model_is_compared_with_the_first_on_the_newest_rows(
    stack: Stack, runs: list[Line]
) -> None:
    first, second = (judged(stack, line) for line in runs)
    assert [each["via"] for each in (first, second)] == ["cross_validation"] * 2
    assert [each["cross_validation"]["rows"] for each in (first, second)] == [90, 135]
    assert (first["champion"], second["champion"]) == ("", runs[0].run_id)
    [figure] = second["gate"]["figures"]
    assert figure["champion"] > 0.8
    assert figure["harm_interval"][1] < 0.1


def test_why_and_the_report_say_how_it_was_judged(stack: Stack, runs: list[Line], tmp_path: Any) -> None:
    why = switchyard(stack.home, "why", runs[1].run_id)
    assert "10-fold cross-validation, 5 times" in " ".join(why.stdout.split()), why.stdout + why.stderr
    report = switchyard(stack.home, "report", runs[1].run_id, "--output", str(tmp_path))
    assert report.returncode == 0, report.stdout + report.stderr
    [page] = tmp_path.glob("*.html")
    assert "135 rows of the dataset by 10-fold cross-validation" in " ".join(page.read_text().split())

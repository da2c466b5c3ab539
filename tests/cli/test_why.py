"""`show`, `why` and `logs`: what people read of a run on the terminal, and what programs read."""

import json
import time
from dataclasses import asdict, replace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from switchyard.core.gate_policy import GatePolicy
from switchyard.core.run import RunState
from switchyard.evaluation.rules.gate import Evaluation, judge_gate
from switchyard.evaluation.score_chunk import to_json
from tests.cli.deployed import Deployed
from tests.cli.settled_runs import CHAMPION, RUN_ID, SOURCE, Desk, blocks
from tests.evaluation.test_gate import binary


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def in_json(*arguments: str) -> dict[str, Any]:
    answer = call(*arguments, "--json")
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.output)
    return found


def rejected(desk: Desk, rows: int = 400) -> None:
    """A run that the gate stopped, with the sums of its only chunk."""
    sums = binary(rows, 0.2, 2.0)
    verdict = judge_gate(Evaluation(sums), GatePolicy())
    desk.snapshot()
    record = {"champion": CHAMPION, "artifact_sha256": "12" * 32, "gate": asdict(verdict)}
    desk.decide(RunState.REJECTED, verdict.reason, evaluation=record)
    desk.artifacts.write(f"digits/evaluations/{RUN_ID}/chunk-0.json", to_json(sums, {}))


def test_a_rejection_names_each_metric_and_a_way_through(deployed: Desk) -> None:
    rejected(deployed)
    answer = call("why", RUN_ID)
    assert answer.exit_code == 0, answer.output
    assert "accuracy: challenger" in answer.output
    assert "set evaluation.metrics." in answer.output


def test_a_rejection_is_the_same_for_programs(deployed: Desk) -> None:
    rejected(deployed)
    found = in_json("why", RUN_ID)
    assert (found["state"], found["stage"]) == ("REJECTED", "gate")
    assert all({"field", "now", "needed"} == set(c) for way in found["ways"] for c in way["changes"])
    assert found["ways"]


def test_an_inconclusive_rollout_says_how_many_requests_it_lacked(deployed: Desk) -> None:
    frozen = deployed.snapshot()
    deployed.roll_out(RunState.INCONCLUSIVE, blocks(3), frozen, "deadline: no verdict within 240 s")
    answer = call("why", RUN_ID)
    assert answer.exit_code == 0, answer.output
    assert "errors: challenger" in answer.output
    assert "more requests like these" in answer.output


def test_where_nothing_declared_would_have_helped_it_says_so(deployed: Desk) -> None:
    frozen, broken = deployed.snapshot(), [replace(block, s1=float(block.n1)) for block in blocks(3)]
    deployed.roll_out(RunState.ROLLED_BACK, broken, frozen, "errors: the challenger is worse")
    answer = call("why", RUN_ID)
    assert "No other margin and no more requests like these would have promoted it" in answer.output


def test_a_promotion_needs_no_way(deployed: Desk) -> None:
    frozen = deployed.snapshot()
    deployed.roll_out(RunState.PROMOTED, blocks(40), frozen)
    assert in_json("why")["ways"] == []


def test_an_invalid_upload_says_why_as_the_ledger_does(deployed: Desk) -> None:
    deployed.upload(RunState.INVALID, "v2.csv: row 3, column 'a': not a number", "")
    answer = call("why", SOURCE)
    assert answer.exit_code == 0, answer.output
    assert "INVALID. v2.csv: row 3, column 'a': not a number" in answer.output


def test_show_tells_all_that_is_known(deployed: Desk) -> None:
    frozen = deployed.snapshot()
    deployed.roll_out(RunState.PROMOTED, blocks(40), frozen, "harm is ruled out")
    answer = call("show", RUN_ID)
    assert answer.exit_code == 0, answer.output
    for word in ("PROMOTED", "harm is ruled out", "held_out 134", SOURCE):
        assert word in answer.output
    assert in_json("show", RUN_ID)["rows"] == {"train": 1000, "validation": 100, "held_out": 134}


@pytest.fixture
def printed(stack: Deployed) -> None:
    client = stack.client("logs")
    for group, stream, text in (
        ("/aws/sagemaker/TrainingJobs", f"switchyard-{RUN_ID}/algo-1", "[0]\ttrain-mlogloss:1.0"),
        ("/aws/sagemaker/TrainingJobs", "switchyard-other/algo-1", "of another run"),
        ("/aws/sagemaker/Endpoints/switchyard-digits", f"{RUN_ID}/i-1", "served \x1b[2J"),
    ):
        if not client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            client.create_log_group(logGroupName=group)
        client.create_log_stream(logGroupName=group, logStreamName=stream)
        at = int(time.time() * 1000) - (10 if "Training" in group else 5)
        client.put_log_events(
            logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": at, "message": text}]
        )


@pytest.mark.usefixtures("printed")
def test_the_logs_of_a_run_are_one_stream_of_its_own(deployed: Desk) -> None:
    deployed.decide(RunState.PROMOTED)
    answer = call("logs", RUN_ID)
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert [line.split(" ")[1] for line in lines] == ["training:", "server:"]
    assert "of another run" not in answer.output


@pytest.mark.usefixtures("printed")
def test_what_a_server_prints_cannot_steer_the_terminal(deployed: Desk) -> None:
    deployed.decide(RunState.PROMOTED)
    answer = call("logs", "digits")
    assert "served \N{REPLACEMENT CHARACTER}[2J" in answer.output
    assert "\x1b" not in answer.output


def test_a_run_without_logs_says_so(deployed: Desk) -> None:
    deployed.decide(RunState.PROMOTED)
    assert "Nothing was printed" in call("logs", RUN_ID).output


def test_what_changed_in_the_data_is_said_where_a_model_was_found_wanting(deployed: Desk) -> None:
    rejected(deployed)
    deployed.differ()
    answer = call("why", RUN_ID)
    assert "The data: Against the data of digits-cdcdcdcdcdcd, 'job' is missing" in answer.output
    assert in_json("why", RUN_ID)["data"].startswith("Against the data of")
    assert in_json("show", RUN_ID)["data diff"].startswith("Against the data of")


def test_of_a_promotion_nothing_is_to_be_explained(deployed: Desk) -> None:
    frozen = deployed.snapshot()
    deployed.roll_out(RunState.PROMOTED, blocks(40), frozen)
    deployed.differ()
    assert in_json("why")["data"] == ""

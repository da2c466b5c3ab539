"""The main job, end to end: `switchyard demo` on the real local stack, and what is there afterwards."""

import json
import re
from urllib.request import urlopen

import boto3
import pytest

from benchmarks.line.causes import REST
from benchmarks.line.paths import DROP, EVIDENCE, PROVEN, TRAINED
from benchmarks.line.stack import LOOKS, measured
from cli.demo.data import make_demo_data
from cli.demo.story import ACTS
from cli.records.executions import read_execution
from cli.records.ledger import Line, read_lines
from tests import patience
from tests.e2e.conftest import Demo
from tests.e2e.support import (
    LIVE_ENDPOINT,
    MODEL,
    await_line,
    drop,
    line_of,
    live_endpoint,
    put_artifact,
    switchyard,
    until,
)

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]


def of_version(demo: Demo, version: str) -> Line:
    return next(line for line in read_lines(demo.stack, MODEL) if line.source.endswith(f"/{version}.csv"))


def history(demo: Demo) -> list[dict[str, object]]:
    asked = demo.stack.signed("GET", f"/_local/history?endpoint={LIVE_ENDPOINT}")
    with urlopen(asked, timeout=patience.SECONDS) as answer:  # noqa: S310
        changes: list[dict[str, object]] = json.load(answer)
    return changes


def test_the_demo_ends_with_its_four_verdicts(demo: Demo) -> None:
    assert demo.exit_code == 0, demo.output
    states = {line.source.rsplit("/", 1)[-1]: line.state for line in read_lines(demo.stack, MODEL)}
    assert {f"{act.version}.csv": act.expected for act in ACTS}.items() <= states.items()


def test_no_request_failed_by_a_rollout_step(demo: Demo) -> None:
    assert "Requests that failed because of a rollout step: 0" in demo.output


def test_a_promoted_run_costs_at_most_40_transitions(demo: Demo) -> None:
    transitions = int(re.findall(r"State transitions of the v2 run: (\d+)", demo.output)[0])
    assert 0 < transitions <= 40


def test_traffic_moved_along_the_declared_steps_only(demo: Demo) -> None:
    """The plane's own history of the endpoint is the oracle, not what the pipeline says of itself."""
    second = of_version(demo, "v2").run_id
    shares = [
        change["weights"][second]  # type: ignore[index]
        for change in history(demo)
        if second in change["weights"] and len(change["weights"]) == 2  # type: ignore[operator, arg-type]
    ]
    seen = list(dict.fromkeys(round(float(share)) for share in shares))
    assert seen[:4] == [10, 25, 50, 100]


def test_the_bad_release_never_got_more_than_the_first_step(demo: Demo) -> None:
    fourth = of_version(demo, "v4").run_id
    shares = [change["weights"][fourth] for change in history(demo) if fourth in change["weights"]]  # type: ignore[index, operator]
    assert shares
    assert max(float(share) for share in shares) <= 10


def test_the_champion_of_the_ledger_is_the_one_that_serves_alone(demo: Demo) -> None:
    second = of_version(demo, "v2").run_id
    assert live_endpoint(demo.stack).weights == ((second, 1.0),)
    assert live_endpoint(demo.stack).status == "InService"


def test_every_run_left_a_decision_record(demo: Demo) -> None:
    stack = demo.stack
    for line in read_lines(stack, MODEL):
        key = f"{MODEL}/decisions/{line.run_id}.json"
        body = (
            stack.client("s3").get_object(Bucket=stack.output("ArtifactBucketName"), Key=key)["Body"].read()
        )
        record = json.loads(body)
        assert (record["state"], record["reason"]) == (line.state, line.reason)
        assert record["run"]["digest"].startswith(line.run_id.removeprefix(f"{MODEL}-")[:12])
        assert record["evaluation"]["gate"]["figures"]


def test_no_alpha_endpoint_and_no_lock_is_left(demo: Demo) -> None:
    checked = switchyard(demo.home, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    names = [e["EndpointName"] for e in demo.stack.client("sagemaker").list_endpoints()["Endpoints"]]
    assert names == [LIVE_ENDPOINT]
    item = demo.stack.client("dynamodb").get_item(
        TableName=demo.stack.output("LedgerTableName"),
        Key={"pk": {"S": f"MODEL#{MODEL}"}, "sk": {"S": "ACTIVE"}},
    )
    assert "Item" not in item


def test_plain_boto3_works_with_the_environment_that_env_prints(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in re.findall(r"export (\w+)='?([^'\n]*)'?", switchyard(demo.home, "env").stdout):
        monkeypatch.setenv(name, value)
    assert (
        boto3.client("sagemaker").describe_endpoint(EndpointName=LIVE_ENDPOINT)["EndpointStatus"]
        == "InService"
    )
    machine = demo.stack.output("RetrainMachineArn")
    execution = boto3.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"][0]
    events = boto3.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"])[
        "events"
    ]
    assert events[0]["type"] == "ExecutionStarted"


def test_the_same_dataset_again_is_the_same_run(demo: Demo) -> None:
    """Under another name too: a dataset is what is in it."""
    second = of_version(demo, "v2")
    drop(demo.stack, f"{MODEL}/train/copy.csv", make_demo_data().drops["v2"])
    copy = await_line(demo.stack, MODEL, f"{MODEL}/train/copy.csv")
    assert (copy.run_id, copy.state) == (second.run_id, second.state)
    assert copy.reason == f"the same dataset as run {second.run_id}"


def test_a_folder_without_success_waits_and_says_for_what(demo: Demo) -> None:
    drop(demo.stack, f"{MODEL}/train/open/part-0.csv", b"label,a\n1,2\n")
    line = until(lambda: line_of(demo.stack, MODEL, f"{MODEL}/train/open/"), patience.SECONDS, "the ledger")
    assert (line.state, "waiting for" in line.reason, "_SUCCESS" in line.reason) == ("INCOMPLETE", True, True)


BAD = {
    "ragged": (b"label,a,b\n1,2,3\n0,4\n", "row 3: 2 fields where the header has 3"),
    "no-target": (b"digit,a\n1,2\n", "the target column 'label' is missing"),
    "nan-label": (b"label,a\n1,2\nnan,3\n", "row 3, column 'label'"),
    "empty": (b"", "is empty"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_data_ends_as_invalid_with_file_row_and_reason(demo: Demo, name: str) -> None:
    """A model of its own: that of the demo has its columns already, and would refuse these files for theirs."""
    body, reason = BAD[name]
    key = f"careless/train/{name}.csv"
    put_artifact(demo.stack, "careless/pipeline.yaml", b"name: careless\ntarget: label\n")
    drop(demo.stack, key, body)
    line = await_line(demo.stack, "careless", key)
    assert line.state == "INVALID"
    assert reason in line.reason
    assert f"{name}.csv" in line.reason
    assert name in switchyard(demo.home, "runs").stdout


def test_data_with_other_columns_than_the_first_dataset_are_refused_with_the_columns(demo: Demo) -> None:
    drop(demo.stack, f"{MODEL}/train/other-columns.csv", b"label,a,b\n1,2,3\n0,4,5\n")
    line = await_line(demo.stack, MODEL, f"{MODEL}/train/other-columns.csv")
    assert line.state == "INVALID"
    assert "other-columns.csv" in line.reason
    assert "pixel_" in line.reason


def test_a_model_without_or_with_a_broken_pipeline_is_told_so(demo: Demo) -> None:
    drop(demo.stack, "unknown/train/v1.csv", b"label,a\n1,2\n0,3\n")
    line = await_line(demo.stack, "unknown", "unknown/train/v1.csv")
    assert (line.state, "no pipeline.yaml" in line.reason) == ("INVALID", True)
    put_artifact(
        demo.stack, "broken/pipeline.yaml", b"name: broken\ntarget: label\ntraining: {kind: magic}\n"
    )
    drop(demo.stack, "broken/train/v1.csv", b"label,a\n1,2\n0,3\n")
    line = await_line(demo.stack, "broken", "broken/train/v1.csv")
    assert (line.state, "training.kind" in line.reason) == ("INVALID", True)


def test_the_states_of_the_history_are_those_of_the_machine(demo: Demo) -> None:
    second = of_version(demo, "v2").run_id
    arn = f"{demo.stack.output('RetrainMachineArn').replace(':stateMachine:', ':execution:')}:{second}"
    execution = read_execution(
        demo.stack.client("stepfunctions"), arn, [demo.stack.output("RolloutMachineArn")]
    )
    rollout = [state.name for state in execution.children[0].states]
    assert rollout[0] == "StartRollout"
    assert rollout[-3:] == ["ShiftAllTraffic", "PromoteChallenger", "Promoted"]


def test_the_time_of_a_run_is_split_by_cause(demo: Demo) -> None:
    """benchmarks.line.stack reads it off what the run has left behind."""
    [line] = [each for each in read_lines(demo.stack) if each.source.endswith("/v2.csv")]
    rows = measured(demo.stack, line)
    assert list(dict.fromkeys(row["path"] for row in rows)) == [DROP, TRAINED, EVIDENCE, PROVEN]
    assert sum(row["share"] for row in rows) == pytest.approx(4)
    assert {REST, LOOKS} < {row["cause"] for row in rows}

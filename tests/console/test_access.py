"""The console's clients: they look, whatever they are asked; and a stack that was put up anew is another one."""

import asyncio
import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

import cli.stack.access
from cli.console.reader import Reader
from cli.console.shared_reads import Board
from cli.records.executions import STARTED_BY
from cli.stack.access import DeployedStack, Looking
from cli.stack.errors import NotRunningError, RefusedError, StackError
from tests.cli.settled_runs import RUN, RUN_ID
from tests.console.histories import CHILD, MACHINE, History
from tests.console.site import OUTPUTS, PATIENT, PREFIX, Recorded, Site, site
from tests.fakes.store import Clock


class CloudFormation:
    """Knows one stack."""

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's word
        return {
            "Stacks": [{"StackName": StackName, "Outputs": [{"OutputKey": "QueueName", "OutputValue": "q"}]}]
        }


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")


@pytest.mark.usefixtures("account")
def test_a_deployed_stack_is_known_by_its_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli.stack.access, "reading_client", lambda *_: CloudFormation())
    found = DeployedStack.load("mine", region="eu-central-1")
    assert found.output("QueueName") == "q"
    with pytest.raises(StackError, match="no output LedgerTableName"):
        found.output("LedgerTableName")


@pytest.mark.usefixtures("account")
def test_without_a_region_one_learns_how_to_name_it() -> None:
    with pytest.raises(StackError, match="No region"):
        DeployedStack.load("mine")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("s3", "put_object", {"Bucket": "b", "Key": "k"}),
        ("dynamodb", "delete_item", {"TableName": "t", "Key": {"pk": {"S": "x"}}}),
        ("stepfunctions", "stop_execution", {"executionArn": "arn:aws:states:eu-central-1:0:execution:m:n"}),
        ("sagemaker", "delete_endpoint", {"EndpointName": "e"}),
    ],
)
def test_a_call_that_would_change_something_is_refused(
    service: str, call: str, arguments: dict[str, Any]
) -> None:
    client = Looking(DeployedStack("mine", boto3.Session(region_name="eu-central-1"), {})).client(service)
    with pytest.raises(RefusedError, match="would change something"):
        getattr(client, call)(**arguments)


@pytest.mark.usefixtures("account")
def test_every_call_by_which_commands_look_is_let_through() -> None:
    """Also reading logs, whose call does not begin as others do."""
    client = Looking(DeployedStack("mine", boto3.Session(region_name="eu-central-1"), {})).client("logs")
    with Stubber(client) as stub:
        stub.add_response("filter_log_events", {"events": []})
        assert client.filter_log_events(logGroupName="g")["events"] == []


def look(board: Board) -> Any:
    return asyncio.run(board.see("models", "Reading", lambda reader: reader.models(), lambda _: False))


def test_a_stack_that_comes_back_elsewhere_is_read_anew() -> None:
    clock = Clock()
    with site() as stack:
        now: list[Site | None] = [None]

        def connect() -> Site:
            if now[0] is None:
                raise NotRunningError(
                    "The local stack was not started yet.", "Start it with `switchyard up`."
                )
            return now[0]

        board = Board(connect, 1.0, "advice", clock, PATIENT)
        seen = look(board)
        assert seen.value is None
        assert seen.problem.next_step == "Start it with `switchyard up`."
        now[0] = stack
        clock.pass_(1.0)
        [model] = look(board).value
        assert (model.name, model.endpoint) == ("digits", None)
        elsewhere = Site(
            {**stack.clients, "sagemaker": Recorded(weights={"v": 1.0})}, stack.recorded, stack.desk
        )
        now[0] = elsewhere
        clock.pass_(1.0)
        assert look(board).value[0].endpoint.status == "InService"


def test_a_restore_by_settle_run_belongs_to_its_run() -> None:
    with site() as stack:
        stack.run_under_way(RUN)
        failed = History(chained=True).begin()
        failed.enter("Train")
        stack.recorded.record("retrain", RUN_ID, failed.ended("ExecutionAborted"), MACHINE, "ABORTED")
        for name in (f"{RUN_ID}-restore-1", "digits-ffffffffffff-restore-1"):
            stack.recorded.record(
                "restore", name, History(chained=True).begin(), CHILD, "RUNNING", input="{}"
            )
        found = Reader(stack, Clock()).run("digits", RUN_ID).execution
        assert found is not None
        assert [child.name for child in found.children] == [f"{RUN_ID}-restore-1"]
        assert not found.is_over


def test_a_restore_is_shown_once_below_what_started_it() -> None:
    with site() as stack:
        stack.run_under_way(RUN)
        rollout, retrain = (
            f"{PREFIX}:execution:switchyard-{name}:{RUN_ID}" for name in ("rollout", "retrain")
        )
        judge_holdout = json.loads(CHILD)
        restore = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"}
        restore["Parameters"] = {"StateMachineArn": OUTPUTS["RestoreMachineArn"]}  # type: ignore[assignment]
        judge_holdout["States"]["JudgeWindow"] = restore
        failed = History(chained=True).begin()
        failed.enter("JudgeWindow")
        stack.recorded.record(
            "rollout",
            RUN_ID,
            failed.ended("ExecutionFailed", "E"),
            json.dumps(judge_holdout),
            "FAILED",
            input=json.dumps({STARTED_BY: retrain}),
        )
        parent = History(chained=True).begin()
        parent.enter("Rollout")
        stack.recorded.record("retrain", RUN_ID, parent.ended("ExecutionFailed", "E"), MACHINE, "FAILED")
        inner = json.dumps({STARTED_BY: rollout})
        stack.recorded.record(
            "restore", "some-name", History(chained=True).begin(), CHILD, "SUCCEEDED", input=inner
        )
        settled = History(chained=True).begin()
        stack.recorded.record("restore", f"{RUN_ID}-restore-1", settled, CHILD, "SUCCEEDED", input="{}")
        found = Reader(stack, Clock()).run("digits", RUN_ID).execution
        assert found is not None
        assert sorted(child.title for child in found.children) == ["switchyard-restore", "switchyard-rollout"]
        names = {child.title: [each.name for each in child.children] for child in found.children}
        assert names == {"switchyard-rollout": ["some-name"], "switchyard-restore": []}

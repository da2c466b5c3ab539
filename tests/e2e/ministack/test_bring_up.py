"""`up` and `down` on the real services, with a small template: deployed, stopped, killed, recovered, purged."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cli.local.bring_up import Arrival, _alone, bring_up, take_down
from cli.local.parts import parts
from cli.stack.errors import NotRunningError, StackError
from cli.stack.home import Home
from cli.stack.outage import NOTHING_LOST, Loss, Outage
from cli.stack.services import free_ports
from cli.stack.stack import Stack
from cli.stack.state import read_state, write_state
from tests.stack.conftest import MiniStack, until

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters: {LambdaRuntime: {Type: String}, Word: {Type: String}}
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: kept-through-everything}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
  Say:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/
      Handler: say.handler
      Runtime: !Ref LambdaRuntime
      Environment: {Variables: {WORD: !Ref Word}}
Outputs:
  BucketName: {Value: !Ref Bucket}
  TableName: {Value: !Ref Table}
  Word: {Value: !Ref Word}
"""
CONFIG = """
version = 0.1
[local.deploy.parameters]
stack_name = "small"
region = "us-east-1"
resolve_s3 = true
capabilities = "CAPABILITY_IAM"
confirm_changeset = false
fail_on_empty_changeset = false
parameter_overrides = "Word=first"
"""


@contextmanager
def silent(_: str) -> Iterator[None]:
    yield


class Recovery:
    """Keeps the outages it was called for; raises while `broken`."""

    def __init__(self) -> None:
        self.outages: list[Outage] = []
        self.broken = False

    def __call__(self, _: Stack, outage: Outage) -> list[str]:
        if self.broken:
            raise RuntimeError("the recovery was cut short")
        self.outages.append(outage)
        return ["done"]


class Small:
    """The stack under test and its helpers."""

    def __init__(self, folder: Path) -> None:
        self.home, self.source, self.recovery = Home(folder / "home"), folder / "source", Recovery()
        (self.source / "functions").mkdir(parents=True)
        (self.source / "statemachine").mkdir()
        (self.source / "functions" / "say.py").write_text(
            "def handler(event, context):\n    return 'hello'\n"
        )
        (self.source / "functions" / "requirements.txt").write_text("")
        (self.source / "template.yaml").write_text(TEMPLATE)
        (self.source / "samconfig.toml").write_text(CONFIG)

    def up(self, weather: str = "") -> Arrival:
        return bring_up(self.home, silent, self.source, self.recovery, weather)

    def down(self, *, purge: bool = False) -> list[str]:
        return take_down(self.home, silent, purge=purge)

    def kill(self, name: str) -> None:
        state = read_state(self.home.state_file)
        assert state is not None
        os.kill(state.children[name].pid, signal.SIGKILL)
        until(lambda: not state.running(name))

    def put(self, key: str) -> None:
        Stack.load(self.home).client("s3").put_object(Bucket="kept-through-everything", Key=key, Body=b"1")

    def kept(self) -> list[str]:
        listed = Stack.load(self.home).client("s3").list_objects_v2(Bucket="kept-through-everything")
        return [each["Key"] for each in listed.get("Contents", [])]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    small = Small(tmp_path_factory.mktemp("small"))
    small.up()
    yield small
    small.down(purge=True)


@pytest.fixture(autouse=True)
def whole_again(small: Small) -> None:
    small.recovery.broken = False
    small.up()
    small.recovery.outages.clear()


def test_a_second_up_has_nothing_to_do(small: Small) -> None:
    arrival = small.up()
    assert (arrival.started, arrival.deployed, arrival.outage) == ([], False, NOTHING_LOST)
    assert arrival.stack.output("Word") == "first"
    assert small.recovery.outages == []


def test_another_weather_is_another_local_sagemaker_and_stays(small: Small) -> None:
    def words() -> list[str]:
        state = read_state(small.home.state_file)
        assert state is not None
        return Path(f"/proc/{state.children['plane'].pid}/cmdline").read_text().split("\0")

    assert small.up("real").started == ["plane"]
    assert words()[words().index("--weather") + 1] == "real"
    assert small.up().started == small.up("real").started == []
    assert small.up("fair").started == ["plane"]


def test_both_services_are_shown(small: Small) -> None:
    assert [part.condition for part in parts(small.home)] == ["running", "running"]


def modes(folder: Path) -> dict[str, int]:
    return {each.name: each.stat().st_mode & 0o777 for each in (folder, *folder.iterdir())}


def test_nobody_else_reads_what_the_stack_keeps(small: Small) -> None:
    small.put("private")
    kept = modes(small.home.folder)
    assert {kept[name] for name in ("home", "ministack", "plane", "sam", "logs")} == {0o700}
    assert (kept["keys.json"], kept["state.json"]) == (0o600, 0o600)
    written = [each for folder in ("ministack", "plane") for each in (small.home.folder / folder).rglob("*")]
    assert [each for each in written if each.is_file() and each.stat().st_mode & 0o077] == []


def test_keys_that_are_lost_are_made_anew(small: Small) -> None:
    before = small.home.keys()
    small.home.keys_file.unlink()
    with pytest.raises(StackError, match="No keys can be read") as raised:
        Stack.load(small.home)
    assert "switchyard up" in raised.value.next_step
    arrival = small.up()
    assert arrival.started == ["ministack", "plane"]
    assert small.home.keys() != before
    small.put("with new keys")
    assert "with new keys" in small.kept()


def test_everything_listens_on_loopback_alone(small: Small) -> None:
    import psutil

    state = read_state(small.home.state_file)
    assert state is not None
    for child in state.children.values():
        listening = [
            each for each in psutil.Process(child.pid).net_connections() if each.status == psutil.CONN_LISTEN
        ]
        assert {each.laddr.ip for each in listening} == {"127.0.0.1"}


def test_a_change_is_deployed(small: Small) -> None:
    config = small.source / "samconfig.toml"
    config.write_text(CONFIG.replace("first", "second"))
    arrival = small.up()
    assert (arrival.deployed, arrival.stack.output("Word")) == (True, "second")
    config.write_text(CONFIG)


def test_a_template_that_cannot_be_built_is_told_and_the_services_are_up_meanwhile(small: Small) -> None:
    template = small.source / "template.yaml"
    template.write_text(TEMPLATE.replace("Runtime: ", "Runtime: of-no-"))
    small.kill("plane")
    with pytest.raises(StackError, match="`sam build` failed"):
        small.up()
    template.write_text(TEMPLATE)
    arrival = small.up()
    assert (arrival.started, arrival.outage.plane) == ([], True)


def test_a_stop_keeps_ports_and_everything_else(small: Small) -> None:
    small.put("before-the-stop")
    before = Stack.load(small.home)
    table = before.output("TableName")
    before.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "kept"}})
    assert small.down() == ["ministack", "plane"]
    with pytest.raises(NotRunningError) as raised:
        Stack.load(small.home)
    assert "switchyard up" in raised.value.next_step
    after = small.up()
    assert small.recovery.outages == [Outage(Loss.STOPPED, plane=True)]
    assert (after.stack.ministack_url, after.stack.plane_url) == (before.ministack_url, before.plane_url)
    assert not after.deployed
    assert after.stack.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": "kept"}})["Item"]
    assert "before-the-stop" in small.kept()


def test_a_killed_plane_is_started_and_named(small: Small) -> None:
    small.kill("plane")
    arrival = small.up()
    assert arrival.started == ["plane"]
    assert small.recovery.outages == [Outage(plane=True)]
    assert arrival.recovered == ["done"]


def test_a_killed_ministack_begins_with_what_was_deployed_around_what_s3_kept(small: Small) -> None:
    small.kill("ministack")
    small.up()  # what was deployed to it later is now what it begins with
    small.recovery.outages.clear()
    small.put("before-the-kill")
    before = Stack.load(small.home)
    before.client("dynamodb").put_item(TableName=before.output("TableName"), Item={"pk": {"S": "lost"}})
    small.kill("ministack")
    arrival = small.up()
    assert (arrival.started, arrival.deployed) == (["ministack"], False)
    assert small.recovery.outages == [Outage(Loss.KILLED)]
    assert "before-the-kill" in small.kept()
    table = arrival.stack.output("TableName")
    assert "Item" not in arrival.stack.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": "lost"}})
    assert said(arrival.stack) == "hello"


def said(stack: Stack) -> str:
    """What the deployed function answers."""
    functions = stack.client("lambda").list_functions()["Functions"]
    [name] = [each["FunctionName"] for each in functions if "Say" in each["FunctionName"]]
    return str(json.loads(stack.client("lambda").invoke(FunctionName=name)["Payload"].read()))


def test_a_table_that_was_deleted_is_deployed_again_around_what_s3_kept(small: Small) -> None:
    small.put("before-the-deletion")
    before = Stack.load(small.home)
    before.client("dynamodb").delete_table(TableName=before.output("TableName"))
    arrival = small.up()
    assert (arrival.started, arrival.deployed) == (["ministack"], True)
    assert small.recovery.outages == [Outage(Loss.INCOMPLETE)]
    assert arrival.stack.client("dynamodb").describe_table(TableName=arrival.stack.output("TableName"))
    assert "before-the-deletion" in small.kept()


def test_an_outage_knows_when_the_last_one_was_recovered_from(small: Small) -> None:
    for _ in range(2):
        small.kill("plane")
        small.up()
    first, second = (outage.since for outage in small.recovery.outages)
    assert second > first


def test_an_interrupted_recovery_is_done_by_the_next_up(small: Small) -> None:
    small.kill("plane")
    small.recovery.broken = True
    with pytest.raises(RuntimeError):
        small.up()
    small.recovery.broken = False
    small.up()
    assert small.recovery.outages == [Outage(plane=True)]
    small.up()
    assert len(small.recovery.outages) == 1


def test_two_at_once_are_refused(small: Small) -> None:
    with _alone(small.home), pytest.raises(StackError, match="at work"):
        small.up()


def test_a_service_that_ends_at_its_start_shows_why(small: Small, tmp_path: Path) -> None:
    state = read_state(small.home.state_file)
    assert state is not None
    second = Small(tmp_path)
    write_state(second.home.state_file, replace(state, children={}, deployed=""))
    with pytest.raises(StackError, match="is taken") as raised:
        second.up()
    assert "ministack.log" in raised.value.next_step


def test_purging_stops_services_that_a_broken_state_file_no_longer_knows(tmp_path: Path) -> None:
    lost = MiniStack(Home(tmp_path / "home"), free_ports())
    lost.start()
    lost.home.state_file.write_text("not ours")
    take_down(lost.home, silent, purge=True)
    assert not lost.running.is_running
    assert not lost.home.folder.exists()

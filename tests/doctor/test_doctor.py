"""The doctor: a sound stack is green; each thing that can be wrong is one red line with what to do."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoRegionError
from botocore.stub import Stubber

from cli.doctor import account_checks
from cli.doctor.account_checks import CHECKS as BEFORE
from cli.doctor.account_checks import Account
from cli.doctor.check import Check, Health, run_checks
from cli.doctor.deployment import Deployment, Resource
from cli.doctor.smoke import arrival
from cli.doctor.stack_checks import CHECKS, ON_AWS
from tests.contract.cloudformation import template
from tests.doctor.stack import sound_stack
from tests.quick_moto import mock_aws


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    with sound_stack() as made:
        yield made


def broken(stack: Deployment) -> dict[str, str]:
    """What is broken, by title; each of it says what to do."""
    found = [each for each in run_checks(stack, CHECKS) if each.health is Health.BROKEN]
    assert all(each.next_step for each in found)
    return {each.title: each.found for each in found}


def test_what_needs_credentials_or_a_region_waits_for_them() -> None:
    def asks(_: None) -> Iterator[Check]:
        raise NoRegionError

    [found] = run_checks(None, [("Lambda", asks)])
    assert (found.health, found.next_step) == (Health.BROKEN, "Correct those first.")
    assert "no credentials, or no region" in found.found


def test_a_sound_stack_is_green(stack: Deployment) -> None:
    assert broken(stack) == {}


def test_an_empty_repository_and_an_unheard_topic_are_warnings(stack: Deployment) -> None:
    warned = {each.title for each in run_checks(stack, ON_AWS) if each.health is Health.WARNING}
    assert warned == {"image", "notices"}


def name(stack: Deployment, logical: str) -> str:
    return next(each.name for each in stack.resources if each.logical == logical)


def silence_the_bucket(stack: Deployment) -> None:
    stack.access.client("s3").put_bucket_notification_configuration(
        Bucket="data", NotificationConfiguration={}
    )


def lose_the_bucket(stack: Deployment) -> None:
    stack.access.client("s3").delete_bucket(Bucket="artifacts")


def lose_the_table(stack: Deployment) -> None:
    stack.access.client("dynamodb").delete_table(TableName="ledger")


def lose_a_function(stack: Deployment) -> None:
    stack.access.client("lambda").delete_function(FunctionName="sweep")


def stop_the_queue(stack: Deployment) -> None:
    uuid = name(stack, "SweepFunctionArrivals")
    stack.access.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=False)


def disable_the_rule(stack: Deployment) -> None:
    stack.access.client("events").disable_rule(Name="drops")


def lose_the_machine(stack: Deployment) -> None:
    arn = name(stack, "RetrainMachine")
    stack.access.client("stepfunctions").delete_state_machine(stateMachineArn=arn)


def leave_a_dead_letter(stack: Deployment) -> None:
    url = name(stack, "ArrivalDeadLetters")
    stack.access.client("sqs").send_message(QueueUrl=url, MessageBody="{}")


def raise_the_alarm(stack: Deployment) -> None:
    stack.access.client("cloudwatch").set_alarm_state(
        AlarmName="failed", StateValue="ALARM", StateReason="a run FAILED"
    )


def lose_the_topic(stack: Deployment) -> None:
    topic = stack.access.output("NoticesTopicArn")
    stack.access.client("sns").delete_topic(TopicArn=topic)


@pytest.mark.parametrize(
    ("fault", "title", "word"),
    [
        (silence_the_bucket, "buckets", "does not tell EventBridge"),
        (lose_the_bucket, "buckets", "Not Found"),
        (lose_the_table, "ledger", "ResourceNotFound"),
        (lose_a_function, "functions", "SweepFunction cannot be read"),
        (stop_the_queue, "queues that call functions", "SweepFunctionArrivals is Disabled"),
        (disable_the_rule, "event rules", "DropRule is DISABLED"),
        (lose_the_machine, "state machines", "RetrainMachine"),
        (leave_a_dead_letter, "dead letters", "ArrivalDeadLetters holds 1 messages"),
        (raise_the_alarm, "alarms", "a run FAILED"),
        (lose_the_topic, "notices", "NotFound"),
    ],
)
def test_each_fault_is_one_red_line(
    stack: Deployment, fault: Callable[[Deployment], None], title: str, word: str
) -> None:
    fault(stack)
    found = broken(stack)
    assert set(found) == {title}
    assert word in found[title]


def test_a_resource_that_cloudformation_could_not_make_is_named(stack: Deployment) -> None:
    failed = Resource("LabelQueue", "AWS::Other", "x", "CREATE_FAILED")
    assert broken(replace(stack, resources=[*stack.resources, failed])) == {
        "resources": "LabelQueue CREATE_FAILED"
    }


class Minute:
    """A clock that moves by a second a pause; what happens in between is played."""

    def __init__(self, play: Callable[[float], None]) -> None:
        self.now, self._play = 0.0, play

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self._play(self.now)


def test_a_drop_that_is_recorded_is_found_and_both_traces_are_removed(stack: Deployment) -> None:
    s3, table = stack.access.client("s3"), stack.access.client("dynamodb")

    def admit(now: float) -> None:
        [item] = s3.list_objects_v2(Bucket="data")["Contents"]
        model = item["Key"].partition("/")[0]
        if now == 3:
            table.put_item(TableName="ledger", Item={"pk": {"S": f"MODEL#{model}"}, "sk": {"S": "UPLOAD#x"}})

    minute = Minute(admit)
    [found] = arrival(stack, minute, minute.pause)
    assert found.health is Health.OK
    assert "after 3 s" in found.found
    assert "Contents" not in s3.list_objects_v2(Bucket="data")
    assert table.scan(TableName="ledger")["Items"] == []


def test_a_drop_that_nobody_records_is_told_and_removed(stack: Deployment) -> None:
    minute = Minute(lambda _now: None)
    [found] = arrival(stack, minute, minute.pause)
    assert found.health is Health.BROKEN
    assert "after 120 s" in found.found
    assert "Contents" not in stack.access.client("s3").list_objects_v2(Bucket="data")


def test_an_account_with_room_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    assert before(monkeypatch, concurrency=1000, endpoint=3, training=1) == {}


@pytest.mark.parametrize(
    ("quota", "title"),
    [
        ({"concurrency": 10}, "Lambda"),
        ({"endpoint": 0}, "ml.m5.large for endpoint usage"),
        ({"training": 0}, "ml.m5.large for training job usage"),
        ({"builds": 0}, "CodeBuild"),
    ],
)
def test_a_quota_that_is_too_small_is_named_with_where_to_ask(
    monkeypatch: pytest.MonkeyPatch, quota: dict[str, int], title: str
) -> None:
    found = before(monkeypatch, **{"concurrency": 1000, "endpoint": 3, "training": 1, **quota})
    assert set(found) == {title}
    assert "Service Quotas" in found[title]


def before(
    monkeypatch: pytest.MonkeyPatch,
    concurrency: int,
    endpoint: int,
    training: int,
    builds: float = 1.0,
    runtimes: tuple[str, ...] = ("sh",),
) -> dict[str, str]:
    """What is broken of an account with these quotas, by title: what to do."""
    for key in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{key}", "test")
    monkeypatch.setattr(account_checks, "RUNTIMES", runtimes)
    with mock_aws():
        account = Account(boto3.Session(region_name="us-east-1"), "ml.m5.large")
        answers(
            account.client("lambda"),
            "get_account_settings",
            {"AccountLimit": {"ConcurrentExecutions": concurrency}},
        )
        quotas = {"endpoint usage": endpoint, "training job usage": training}
        listed = [{"QuotaName": f"ml.m5.large for {usage}", "Value": float(n)} for usage, n in quotas.items()]
        listed_builds = [
            {"QuotaName": "Concurrently running builds for Linux/Small environment", "Value": builds}
        ]
        answers(
            account.client("service-quotas"),
            "list_service_quotas",
            {"Quotas": listed},
            {"Quotas": listed_builds},
        )
        found = list(run_checks(account, BEFORE))
    return {each.title: each.next_step for each in found if each.health is Health.BROKEN}


def answers(client: Any, operation: str, *given: dict[str, Any]) -> None:
    stubber = Stubber(client)
    for answer in given:
        stubber.add_response(operation, answer)
    stubber.activate()


def test_without_a_python_that_lambda_runs_nothing_can_be_built(monkeypatch: pytest.MonkeyPatch) -> None:
    found = before(monkeypatch, 1000, 3, 1, runtimes=("python0.9",))
    assert found == {"Python": "Install one of python0.9; its name is the parameter LambdaRuntime."}


def test_the_pythons_are_those_that_the_template_takes() -> None:
    assert list(account_checks.RUNTIMES) == template()["Parameters"]["LambdaRuntime"]["AllowedValues"]


def test_without_credentials_one_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "PROFILE", "SESSION_TOKEN"):
        monkeypatch.delenv(f"AWS_{key}", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    account = Account(boto3.Session(region_name="us-east-1"), "ml.m5.large")
    [found] = run_checks(account, BEFORE[:1])
    assert (found.health, found.found) == (Health.BROKEN, "none were found")

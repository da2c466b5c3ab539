"""The patched MiniStack: Lambda, CloudFormation, EventBridge, and what it keeps when it ends."""

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from cli.stack.children import Child
from cli.stack.home import Home
from cli.stack.ministack.patches import json_of, refuse_text_in_integer_fields
from cli.stack.services import CLEAN_STOP, free_ports, tail
from sagemaker_local.access.signing import signed_headers
from tests.stack.conftest import MiniStack, make_role, policy, read_notes, until

PID = "import os, time\ndef handler(event, context):\n    time.sleep(0.2)\n    return [os.getpid(), os.getcwd()]\n"


def test_a_burst_of_calls_takes_turns_and_shares_one_unpacked_package(ministack: MiniStack) -> None:
    ministack.function("pid", PID)

    def call(_: int) -> tuple[int, str]:
        answer = ministack.client("lambda").invoke(FunctionName="pid")["Payload"].read()
        pid, folder = json.loads(answer)
        return pid, folder

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(call, range(30)))
    assert len({pid for pid, _ in answers}) <= max(6, 3 * (os.cpu_count() or 2))
    assert len({folder for _, folder in answers}) == 1


def test_a_percentile_rank_is_the_share_of_values_up_to_a_limit(ministack: MiniStack) -> None:
    cloudwatch, moment = ministack.client("cloudwatch"), datetime.fromtimestamp(int(time.time()), UTC)
    dimensions = [{"Name": "VariantName", "Value": "a"}]
    datum = {"MetricName": "L", "Dimensions": dimensions, "Timestamp": moment, "Values": [10.0, 20.0, 30.0]}
    cloudwatch.put_metric_data(Namespace="ranks", MetricData=[{**datum, "Counts": [6.0, 2.0, 2.0]}])

    def rank(statistic: str) -> float:
        metric = {"Namespace": "ranks", "MetricName": "L", "Dimensions": dimensions}
        query = {"Id": "r", "MetricStat": {"Metric": metric, "Period": 1, "Stat": statistic}}
        later = moment + timedelta(seconds=1)
        answer = cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=moment, EndTime=later)
        return float(answer["MetricDataResults"][0]["Values"][0])

    assert [rank(each) for each in ("PR(:20)", "PR(:9.5)", "PR(10:30)", "PR(20:)")] == [80, 0, 40, 20]
    assert rank("Average") == 16


def machine_template(bucket: str, key: str, **substitutions: str) -> str:
    location = {"Bucket": bucket, "Key": key}
    properties = {"RoleArn": "arn:aws:iam::000000000000:role/everything", "DefinitionS3Location": location}
    machine = {"Type": "AWS::StepFunctions::StateMachine"}
    machine["Properties"] = properties | {"DefinitionSubstitutions": substitutions}  # type: ignore[assignment]
    return json.dumps({"Resources": {"M": machine}, "Outputs": {"Arn": {"Value": {"Ref": "M"}}}})


@pytest.fixture
def bucket(ministack: MiniStack) -> str:
    ministack.client("s3").create_bucket(Bucket="definitions")
    return "definitions"


def create(ministack: MiniStack, name: str, template: str) -> dict[str, Any]:
    """The stack once it has been created, or has failed to be."""
    formation = ministack.client("cloudformation")
    formation.create_stack(StackName=name, TemplateBody=template)
    until(lambda: "IN_PROGRESS" not in formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    return dict(formation.describe_stacks(StackName=name)["Stacks"][0])


def test_a_queue_is_read_whose_mapping_takes_its_concurrency_from_a_parameter(
    ministack: MiniStack, notes: Path
) -> None:
    function = ministack.function("reader", READER.format(path=str(notes)))
    mapping = {
        "FunctionName": function,
        "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
        "ScalingConfig": {"MaximumConcurrency": {"Ref": "AtOnce"}},
    }
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "read"}},
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
    }
    parameters = {"AtOnce": {"Type": "Number", "Default": 2}}
    create(ministack, "reading", json.dumps({"Parameters": parameters, "Resources": resources}))
    sqs = ministack.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="read")["QueueUrl"], MessageBody="a message")
    assert until(lambda: read_notes(notes)) == ["a message"]


READER = """import json
def handler(event, context):
    with open({path!r}, "a") as notes:
        notes.write(json.dumps(event["Records"][0]["body"]) + chr(10))
"""


def test_a_machine_written_in_yaml_runs(ministack: MiniStack, bucket: str) -> None:
    text = "StartAt: Say\nStates:\n  Say:\n    Type: Pass\n    Result: Hello ${Name}\n    End: true\n"
    ministack.client("s3").put_object(Bucket=bucket, Key="say.yaml", Body=text)
    stack = create(ministack, "yaml", machine_template(bucket, "say.yaml", Name="Ada"))
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    end = ministack.end_of(ministack.run(stack["Outputs"][0]["OutputValue"], {}))
    assert json.loads(end["output"]) == "Hello Ada"


def test_a_number_by_substitution_is_refused_as_on_aws(ministack: MiniStack, bucket: str) -> None:
    text = "StartAt: Rest\nStates:\n  Rest:\n    Type: Wait\n    Seconds: ${Rest}\n    End: true\n"
    ministack.client("s3").put_object(Bucket=bucket, Key="rest.yaml", Body=text)
    stack = create(ministack, "number", machine_template(bucket, "rest.yaml", Rest="3"))
    events = ministack.client("cloudformation").describe_stack_events(StackName=stack["StackId"])[
        "StackEvents"
    ]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert any("Expected value of type Integer at /States/Rest/Seconds" in reason for reason in reasons)


def test_text_where_it_belongs_is_not_refused() -> None:
    refuse_text_in_integer_fields({"States": {"A": {"Parameters": {"Seconds": "3"}, "SecondsPath": "$.s"}}})
    refuse_text_in_integer_fields({"States": {"A": {"Seconds": "{% $states.input.rest %}"}}})


def test_json_definitions_stay_as_they_are() -> None:
    assert json_of('{"StartAt":  "A"}') == '{"StartAt":  "A"}'


def test_a_stack_takes_over_its_bucket_and_what_is_in_it(ministack: MiniStack) -> None:
    s3 = ministack.client("s3")
    s3.create_bucket(Bucket="outlived")
    s3.put_object(Bucket="outlived", Key="m/train/v1.csv", Body=b"1,2\n")
    properties = {"BucketName": "outlived", "VersioningConfiguration": {"Status": "Enabled"}}
    template = json.dumps({"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": properties}}})
    assert create(ministack, "adopting", template)["StackStatus"] == "CREATE_COMPLETE"
    assert s3.get_bucket_versioning(Bucket="outlived")["Status"] == "Enabled"
    assert s3.get_object(Bucket="outlived", Key="m/train/v1.csv")["Body"].read() == b"1,2\n"


def door(ministack: MiniStack, content: bytes, method: str = "POST") -> httpx.Response:
    url = f"{ministack.ports.ministack_url}/_switchyard/events"
    headers = signed_headers(ministack.home.keys(), method, url, "events", "us-east-1", content, {})
    return httpx.request(method, url, content=content, headers=headers, trust_env=False)


def test_events_of_sagemaker_come_through_the_door_alone(ministack: MiniStack) -> None:
    entry = {"Source": "aws.sagemaker", "DetailType": "x", "Detail": "{}"}
    refused = ministack.client("events").put_events(Entries=[entry])
    assert refused["FailedEntryCount"] == 1
    accepted = door(ministack, json.dumps({"Entries": [entry]}).encode())
    assert (accepted.status_code, accepted.json()["FailedEntryCount"]) == (200, 0)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"not json"])
def test_the_door_says_what_it_expects(ministack: MiniStack, content: bytes) -> None:
    answer = door(ministack, content)
    assert answer.status_code == 400
    assert "Entries" in answer.json()["message"]


def test_the_door_takes_posts_only(ministack: MiniStack) -> None:
    assert door(ministack, b"", method="GET").status_code == 405


@pytest.fixture
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """A MiniStack to stop and to kill."""
    started = MiniStack(Home(tmp_path_factory.mktemp("mortal")), free_ports())
    started.start()
    make_role(started)
    yield started
    if started.running.is_running:
        started.stop()


def kill(child: Child) -> None:
    os.kill(child.pid, signal.SIGKILL)
    until(lambda: not child.is_running)


def test_a_clean_stop_keeps_everything_and_leaves_its_mark(mortal: MiniStack) -> None:
    mortal.client("sqs").create_queue(QueueName="kept")
    mortal.stop()
    mark = mortal.home.ministack / "state" / CLEAN_STOP
    assert mark.exists()
    mortal.start()
    assert mortal.client("sqs").get_queue_url(QueueName="kept")
    assert not mark.exists()


def test_a_kill_leaves_s3_alone_and_no_older_state_comes_back(mortal: MiniStack) -> None:
    mortal.client("sqs").create_queue(QueueName="older")
    mortal.stop()
    mortal.start()
    mortal.client("s3").create_bucket(Bucket="kept")
    mortal.client("s3").put_object(Bucket="kept", Key="a", Body=b"1")
    kill(mortal.running)
    assert not (mortal.home.ministack / "state" / CLEAN_STOP).exists()
    mortal.start()
    assert mortal.client("s3").get_object(Bucket="kept", Key="a")["Body"].read() == b"1"
    with pytest.raises(ClientError, match="NonExistentQueue"):
        mortal.client("sqs").get_queue_url(QueueName="older")


def test_a_state_that_was_saved_in_part_is_not_loaded(mortal: MiniStack) -> None:
    mortal.client("sqs").create_queue(QueueName="half")
    mortal.client("s3").create_bucket(Bucket="whole")
    mortal.client("s3").put_object(Bucket="whole", Key="a", Body=b"1")
    mortal.stop()
    state = mortal.home.ministack / "state"
    (state / CLEAN_STOP).unlink()  # as when it is killed while it saves
    (state / "cloudwatch.json.tmp").write_text('{"half')
    mortal.start()
    assert mortal.client("s3").get_object(Bucket="whole", Key="a")["Body"].read() == b"1"
    with pytest.raises(ClientError, match="NonExistentQueue"):
        mortal.client("sqs").get_queue_url(QueueName="half")
    assert not list(state.glob("*.tmp"))


BREAKS = """import os, socket, time, urllib.parse
def handler(event, context):
    address = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
    while True:  # until the port is closed
        socket.create_connection((address.hostname, address.port), timeout=5).close()
        time.sleep(0.005)
"""


def test_what_runs_when_it_is_stopped_ends_by_the_stop_and_not_by_what_it_breaks(mortal: MiniStack) -> None:
    task = {"Type": "Task", "Resource": mortal.function("breaks", BREAKS), "End": True}
    execution = mortal.run(mortal.machine("cut", {"Break": task}), {})
    slow = mortal.function("slow", "import time\ndef handler(event, context):\n    time.sleep(6)\n")
    with ThreadPoolExecutor(1) as pool:  # a request in flight: the stop takes its time over it
        asked = pool.submit(mortal.client("lambda").invoke, FunctionName=slow)
        time.sleep(1.0)
        mortal.stop()
        assert asked.exception() is not None
    mortal.start()
    found = mortal.describe(execution)
    assert (found["status"], found["error"]) == ("FAILED", "States.ServiceRestart")


def test_a_taken_port_is_named(mortal: MiniStack) -> None:
    second = MiniStack(Home(mortal.home.folder / "second"), mortal.ports)
    from cli.stack.services import launch

    child = launch(second.service, second.home)
    until(lambda: not child.is_running)
    assert f"Port {mortal.ports.ministack} is taken" in tail(second.home.log("ministack"))


REAP = """import boto3, botocore
def handler(event, context):
    cloudwatch = boto3.client("cloudwatch")
    try:
        getattr(cloudwatch, event["call"])(**event["asked"])
    except botocore.exceptions.ClientError as refused:
        return refused.response["Error"]["Code"]
    return "done"
"""


def test_a_role_may_delete_the_alarms_that_it_is_granted_and_no_others(ministack: MiniStack) -> None:
    """As a role of template.yaml: by name under a prefix, and listed as all alarms."""
    grants = {"DeleteAlarms": "mine-*", "DescribeAlarms": "*"}
    arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:"
    statements = [
        {"Effect": "Allow", "Action": f"cloudwatch:{action}", "Resource": f"{arn}{names}"}
        for action, names in grants.items()
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    function = ministack.function("reap", REAP)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = ministack.client("iam")
    iam.create_role(RoleName="reaper", AssumeRolePolicyDocument=policy(trust))
    iam.put_role_policy(RoleName="reaper", PolicyName="alarms", PolicyDocument=document)
    role = "arn:aws:iam::000000000000:role/reaper"
    ministack.client("lambda").update_function_configuration(FunctionName=function, Role=role)

    def call(name: str, **asked: Any) -> str:
        payload = json.dumps({"call": name, "asked": asked})
        answer = ministack.client("lambda").invoke(FunctionName=function, Payload=payload)["Payload"].read()
        return str(json.loads(answer))

    assert call("delete_alarms", AlarmNames=["mine-1"]) == "done"
    assert "AccessDenied" in call("delete_alarms", AlarmNames=["yours-1"])
    assert call("describe_alarms", AlarmNamePrefix="mine-") == "done"
    everything = {"Effect": "Deny", "Action": "cloudwatch:*", "Resource": "*"}
    iam.put_role_policy(RoleName="reaper", PolicyName="alarms", PolicyDocument=policy(everything))
    assert "AccessDenied" in call(
        "delete_alarms", AlarmNames=["mine-1"]
    )  # what is remembered is a text, not a role


def test_an_alarm_looks_at_its_own_dimensions_alone(ministack: MiniStack) -> None:
    """Two fleets behind one endpoint: errors of the new one trip its own alarm, within periods of seconds."""
    cloudwatch = ministack.client("cloudwatch")
    for config in ("old", "new"):
        cloudwatch.put_metric_alarm(
            AlarmName=f"{config}-errors",
            Namespace="apart",
            MetricName="Invocation5XXErrors",
            Dimensions=[{"Name": "EndpointConfigName", "Value": config}],
            Statistic="Sum",
            Period=10,
            EvaluationPeriods=1,
            Threshold=5,
            ComparisonOperator="GreaterThanThreshold",
        )

    def count(config: str, errors: float) -> None:
        dimensions = [{"Name": "EndpointConfigName", "Value": config}]
        datum = {
            "MetricName": "Invocation5XXErrors",
            "Dimensions": dimensions,
            "Timestamp": datetime.now(UTC),
        }
        data = [{**datum, "Values": [0.0, 1.0], "Counts": [90.0, errors]}]
        cloudwatch.put_metric_data(Namespace="apart", MetricData=data)

    def states() -> dict[str, str]:
        found = cloudwatch.describe_alarms(AlarmNames=["old-errors", "new-errors"])["MetricAlarms"]
        return {alarm["AlarmName"]: alarm["StateValue"] for alarm in found}

    count("old", 5.0)
    assert states() == {"old-errors": "OK", "new-errors": "INSUFFICIENT_DATA"}
    count("new", 6.0)
    assert states() == {"old-errors": "OK", "new-errors": "ALARM"}
    cloudwatch.delete_alarms(AlarmNames=["old-errors", "new-errors"])
    assert states() == {}

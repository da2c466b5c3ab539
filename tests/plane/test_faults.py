"""Scripted faults, as a client sees them: over boto3 and by the page of the plane."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError

from sagemaker_local.fault_rules import FaultError, load, parse
from sagemaker_local.faults import quota_name
from switchyard.core.resources.pools import Claim
from switchyard.core.resources.quotas import Quota, can_be_freed
from tests import patience
from tests.plane.support.fakes import succeed
from tests.plane.support.faults import script
from tests.plane.support.harness import (
    IMAGE,
    Harness,
    eventually,
    pack_model,
    serve,
    settings_in,
    training_request,
)
from tests.plane.support.serving import ServingBackend


def taken(plane: Harness) -> list[int]:
    return [rule["taken"] for rule in httpx.get(f"{plane.url}/_local/faults", trust_env=False).json()]


def events(plane: Harness) -> int:
    return int(httpx.get(f"{plane.url}/_local/health", trust_env=False).json()["events_waiting"])


class TestOperations:
    def test_throttle_answers_so_often_and_does_nothing(self, plane: Harness) -> None:
        script(plane, {"fault": "throttle", "operation": "CreateModel", "times": 2})
        for _ in range(2):
            with pytest.raises(ClientError, match=r"\(ThrottlingException\).*Rate exceeded"):
                plane.create_model("m")
        plane.create_model("m")
        assert taken(plane) == [2]

    def test_a_pattern_and_a_name_choose_which(self, plane: Harness) -> None:
        script(plane, {"fault": "fail", "operation": "Create*", "name": "churn-*", "reason": "on purpose"})
        plane.create_model("other")
        with pytest.raises(ClientError, match=r"\(InternalFailure\).*on purpose"):
            plane.create_model("churn-1")
        with pytest.raises(ClientError, match="Could not find model"):
            plane.sm.describe_model(ModelName="churn-1")

    def test_a_lost_answer_is_a_broken_connection_after_the_deed(self, plane: Harness) -> None:
        script(plane, {"fault": "lost-answer", "operation": "CreateModel", "times": 1})
        with pytest.raises(ConnectionClosedError):
            plane.create_model("m")
        with pytest.raises(ClientError, match="Cannot create already existing model"):
            plane.create_model("m")

    def test_what_was_just_made_may_not_be_visible_to_the_next_call(self, plane: Harness) -> None:
        plane.create_model("m")
        script(plane, {"fault": "not-yet-visible", "operation": "CreateEndpointConfig", "times": 1})
        with pytest.raises(ClientError, match=r"\(ValidationException\).*Could not find"):
            plane.create_config("c", {"m": 1})
        plane.create_config("c", {"m": 1})

    def test_slow_holds_the_answer_back(self, plane: Harness) -> None:
        script(plane, {"fault": "slow", "operation": "ListModels", "seconds": 0.4})
        started = time.monotonic()
        plane.sm.list_models()
        assert time.monotonic() - started >= 0.4
        assert taken(plane) == [1]

    def test_quota_counts_what_is_in_use(self, plane: Harness) -> None:
        async def until_stopped(spec: Any, terminated: Any) -> int:
            await terminated.wait()
            return 0

        plane.backend.images[IMAGE] = until_stopped
        script(plane, {"fault": "quota", "operation": "CreateTrainingJob", "limit": 1})
        plane.sm.create_training_job(**training_request("first"))
        with pytest.raises(
            plane.sm.exceptions.ResourceLimitExceeded, match="for training job usage' is 1 Instances"
        ):
            plane.sm.create_training_job(**training_request("second"))
        plane.sm.stop_training_job(TrainingJobName="first")
        plane.job("first")
        plane.sm.create_training_job(**training_request("second"))
        script(plane)
        plane.sm.stop_training_job(TrainingJobName="second")
        plane.job("second")


class TestJobs:
    def test_stuck_waits_until_it_is_let_go(self, plane: Harness) -> None:
        script(plane, {"fault": "stuck", "job": "held"})
        for name in ("held", "free"):
            plane.sm.create_training_job(**training_request(name))
        assert plane.job("free")["TrainingJobStatus"] == "Completed"
        assert plane.sm.describe_training_job(TrainingJobName="held")["TrainingJobStatus"] == "InProgress"
        script(plane)
        assert plane.job("held")["TrainingJobStatus"] == "Completed"

    def test_a_quota_names_the_instances_that_it_counts_so_that_a_run_waits_for_them(self) -> None:
        request = training_request("second")
        name = quota_name("training-job", request)
        assert name == f"{request['ResourceConfig']['InstanceType']} for training job usage"
        claim = Claim("m", "RUN#1", "training", request["ResourceConfig"]["InstanceType"], 1)
        assert can_be_freed(Quota(name, 1, 1, 1), claim)

    def test_fail_with_the_reason_it_is_given(self, plane: Harness) -> None:
        script(plane, {"fault": "fail", "job": "doomed-*", "times": 1, "reason": "the disk is full"})
        for name in ("fine", "doomed-1", "doomed-2"):
            plane.sm.create_training_job(**training_request(name))
            plane.job(name)
        assert plane.job("fine")["TrainingJobStatus"] == "Completed"
        assert plane.job("doomed-1")["TrainingJobStatus"] == "Failed"
        assert "the disk is full" in plane.job("doomed-1")["FailureReason"]
        assert plane.job("doomed-2")["TrainingJobStatus"] == "Completed"

    def test_silent_ones_tell_nobody(self, plane: Harness) -> None:
        before = events(plane)
        script(plane, {"fault": "silent", "job": "quiet"})
        plane.sm.create_training_job(**training_request("Quiet"))
        assert plane.job("Quiet")["TrainingJobStatus"] == "Completed"
        assert events(plane) == before
        plane.sm.create_training_job(**training_request("loud"))
        plane.job("loud")
        assert events(plane) > before


@pytest.fixture
def serving(tmp_path: Path, aws_url: str, s3: Any) -> Any:
    """The plane with its real data plane, a model and a config for it."""
    backend = ServingBackend()
    backend.handlers[IMAGE] = lambda _: b"answer"
    pack_model(tmp_path, s3)
    with serve(settings_in(tmp_path / "plane", aws_url), backend) as harness:
        harness.create_model("m")
        harness.create_config("c", {"m": 1})
        yield harness
        script(harness)


class TestEndpoints:
    def test_stuck_stays_creating_until_it_is_let_go(self, serving: Harness) -> None:
        script(serving, {"fault": "stuck", "endpoint": "live"})
        serving.sm.create_endpoint(EndpointName="live", EndpointConfigName="c")
        serving.sm.create_endpoint(EndpointName="free", EndpointConfigName="c")
        assert serving.endpoint("free")["EndpointStatus"] == "InService"
        assert serving.sm.describe_endpoint(EndpointName="live")["EndpointStatus"] == "Creating"
        script(serving, {"fault": "stuck", "endpoint": "live"})
        assert serving.sm.describe_endpoint(EndpointName="live")["EndpointStatus"] == "Creating"
        script(serving)
        assert serving.endpoint("live")["EndpointStatus"] == "InService"

    def test_a_silent_rollback_is_in_service_as_before_and_says_nothing(self, serving: Harness) -> None:
        serving.create_config("other", {"m": 1})
        serving.sm.create_endpoint(EndpointName="live", EndpointConfigName="c")
        before = serving.endpoint("live")
        script(serving, {"fault": "silent-rollback", "endpoint": "live", "times": 1})
        serving.sm.update_endpoint(EndpointName="live", EndpointConfigName="other")
        after = serving.endpoint("live")
        assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", "c")
        assert "FailureReason" not in after
        assert after["LastModifiedTime"] > before["LastModifiedTime"]
        serving.sm.update_endpoint(EndpointName="live", EndpointConfigName="other")
        assert serving.endpoint("live")["EndpointConfigName"] == "other"

    def test_in_maintenance_every_change_is_refused_until_it_is_over(self, serving: Harness) -> None:
        serving.create_config("other", {"m": 1})
        script(serving, {"fault": "maintenance", "endpoint": "live", "seconds": 1.5, "times": 1})
        serving.sm.create_endpoint(EndpointName="live", EndpointConfigName="c")
        eventually(
            lambda: serving.sm.describe_endpoint(EndpointName="live")["EndpointStatus"],
            lambda status: status == "SystemUpdating",
        )
        with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
            serving.sm.update_endpoint(EndpointName="live", EndpointConfigName="other")
        with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
            serving.sm.delete_endpoint(EndpointName="live")
        eventually(
            lambda: serving.sm.describe_endpoint(EndpointName="live")["EndpointStatus"],
            lambda status: status == "InService",
        )
        serving.sm.update_endpoint(EndpointName="live", EndpointConfigName="other")

    def test_fail_does_not_come_up(self, serving: Harness) -> None:
        script(serving, {"fault": "fail", "endpoint": "live"})
        serving.sm.create_endpoint(EndpointName="live", EndpointConfigName="c")
        endpoint = serving.endpoint("live")
        assert endpoint["EndpointStatus"] == "Failed"
        assert "did not pass the ping health check" in endpoint["FailureReason"]


class TestInvocations:
    def test_are_throttled_failed_and_lost_as_operations_are(self, serving: Harness) -> None:
        serving.sm.create_endpoint(EndpointName="live", EndpointConfigName="c")
        serving.endpoint("live")

        def invoke() -> bytes:
            return bytes(serving.runtime.invoke_endpoint(EndpointName="live", Body=b"x")["Body"].read())

        script(
            serving,
            {"fault": "throttle", "operation": "InvokeEndpoint", "name": "live", "times": 1},
            {"fault": "fail", "operation": "Invoke*", "times": 1, "reason": "on purpose"},
            {"fault": "lost-answer", "operation": "InvokeEndpoint", "times": 1},
            {"fault": "throttle", "operation": "InvokeEndpoint", "name": "another"},
        )
        with pytest.raises(ClientError, match=r"\(ThrottlingException\).*Rate exceeded"):
            invoke()
        with pytest.raises(ClientError, match=r"\(InternalFailure\).*on purpose"):
            invoke()
        with pytest.raises(BotoCoreError):
            invoke()
        assert invoke() == b"answer"
        assert taken(serving) == [1, 1, 1, 0]


class TestRules:
    @pytest.mark.parametrize(
        ("entries", "text"),
        [
            ({"fault": "throttle"}, "must be a list"),
            (["throttle"], "fault must be one of throttle, fail"),
            ([{"fault": "explode", "job": "*"}], "found 'explode'"),
            ([{"fault": "throttle", "job": "*"}], "throttle needs one of operation; found job"),
            ([{"fault": "fail"}], "fail needs one of operation, job, endpoint, variant; found none"),
            ([{"fault": "fail", "job": "*", "endpoint": "*"}], "found job, endpoint"),
            ([{"fault": "slow", "job": "*"}], "slow needs seconds"),
            ([{"fault": "slow", "job": "*", "seconds": "long"}], "seconds must be float of at least 0"),
            (
                [{"fault": "throttle", "operation": "CreateModel", "times": 0}],
                "times must be int of at least 1",
            ),
            ([{"fault": "throttle", "operation": "CreateModel", "times": True}], "found True"),
            ([{"fault": "throttle", "operation": "CreateModle"}], "SageMaker has no operation 'CreateModle'"),
            ([{"fault": "quota", "operation": "Create*", "limit": 1}], "quota needs one Create operation"),
            (
                [{"fault": "fail", "job": "*", "name": "x"}],
                "unknown name; known are fault, job, reason, times",
            ),
            ([{"fault": "silent", "job": 3}], "job must be a string"),
        ],
    )
    def test_that_make_no_sense_are_refused_with_what_they_should_be(self, entries: Any, text: str) -> None:
        with pytest.raises(FaultError, match=text):
            parse(entries, "a test")

    def test_are_refused_at_the_door_and_change_nothing(self, plane: Harness) -> None:
        script(plane, {"fault": "silent", "job": "*"})
        for body in (b'[{"fault": "explode"}]', b"not json", b"\xff"):
            answer = httpx.put(f"{plane.url}/_local/faults", content=body, trust_env=False)
            assert answer.status_code == 400
            assert answer.json()["error"]
        assert len(taken(plane)) == 1

    def test_of_a_file_are_those_of_the_page(self, tmp_path: Path, aws_url: str) -> None:
        file = tmp_path / "faults.yaml"
        rules = [{"fault": "throttle", "operation": "List*", "times": 1}]
        file.write_text(yaml.safe_dump(rules))
        assert load(file) == parse(rules, "a test")
        backend = ServingBackend()
        backend.images[IMAGE] = succeed
        with serve(settings_in(tmp_path / "plane", aws_url, faults=(file,)), backend) as harness:
            with pytest.raises(ClientError, match="Rate exceeded"):
                harness.sm.list_models()
            assert harness.sm.list_models()["Models"] == []
            eventually(lambda: taken(harness) == [1])

    def test_of_a_file_that_is_wrong_stop_the_plane_at_its_start(self, tmp_path: Path, aws_url: str) -> None:
        file = tmp_path / "faults.yaml"
        file.write_text(json.dumps([{"fault": "explode"}]))
        run = subprocess.run(
            [sys.executable, "-m", "sagemaker_local", "--data-dir", str(tmp_path), "--faults", str(file)],
            env={"AWS_ENDPOINT_URL": aws_url, "PATH": ""},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=patience.SECONDS,
            check=False,
        )
        assert run.returncode == 2
        assert "fault 1: fault must be one of" in " ".join(run.stderr.split())


def asked(serving: Harness, endpoint: str = "live") -> tuple[int, str]:
    """Status and text of one request."""
    try:
        answer = serving.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"1", ContentType="text/csv")
        return 200, answer["Body"].read().decode()
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"]), str(error)


class TestVariants:
    @pytest.fixture
    def live(self, serving: Harness) -> Harness:
        for name in ("live", "other"):
            serving.sm.create_endpoint(EndpointName=name, EndpointConfigName="c")
            serving.endpoint(name)
        return serving

    def test_fail_is_the_containers_own_error_and_of_that_endpoint_alone(self, live: Harness) -> None:
        script(live, {"fault": "fail", "variant": "m", "name": "live", "times": 1, "reason": "on purpose"})
        assert asked(live, "other") == (200, "answer")
        status, said = asked(live)
        assert (status, "on purpose" in said) == (424, True)
        assert asked(live) == (200, "answer")

    def test_slow_answers_later(self, live: Harness) -> None:
        script(live, {"fault": "slow", "variant": "m", "seconds": 0.4})
        started = time.monotonic()
        assert asked(live) == (200, "answer")
        assert time.monotonic() - started >= 0.4

    def test_kill_ends_its_server_which_comes_back(self, live: Harness) -> None:
        script(live, {"fault": "kill", "variant": "*", "name": "live", "times": 1})
        assert asked(live)[0] == 424
        eventually(lambda: asked(live), lambda found: found == (200, "answer"))
        assert taken(live) == [1]

    def test_the_name_of_a_variants_rule_is_its_endpoint(self) -> None:
        [rule] = parse([{"fault": "kill", "variant": "a", "name": "live"}], "here")
        assert (rule.target, rule.name) == ("variant", "live")
        with pytest.raises(FaultError, match="unknown name"):
            parse([{"fault": "fail", "job": "a", "name": "live"}], "here")

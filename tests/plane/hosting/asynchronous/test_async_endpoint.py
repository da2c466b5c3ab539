"""Asynchronous endpoints over boto3: the queue, the objects it leaves, and who is told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from sagemaker_local.hosting.asynchronous.request import Spool
from tests import patience
from tests.plane.hosting.asynchronous.builders import Inbox, ask, config, deploy, written
from tests.plane.support.harness import (
    BUCKET,
    IMAGE,
    Harness,
    client,
    eventually,
    pack_model,
    serve,
    settings_in,
    variant,
)
from tests.plane.support.serving import Asked, ServingBackend


class TestAResult:
    def test_is_written_where_the_answer_said_and_announced(
        self, plane: Harness, s3: Any, inbox: Inbox
    ) -> None:
        topics = {"SuccessTopic": inbox.topic, "IncludeInferenceResponseIn": ["SUCCESS_NOTIFICATION_TOPIC"]}
        deploy(plane, "told", config(NotificationConfig=topics))
        answer = ask(plane, "told", s3, b"1,2", InferenceId="mine", Accept="text/csv")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
        assert answer["InferenceId"] == "mine"
        location = answer["OutputLocation"]
        assert location.startswith(f"s3://{BUCKET}/async/out/")
        assert location.endswith(".out")
        assert answer["FailureLocation"].startswith(f"s3://{BUCKET}/async/failed/")
        assert written(s3, location) == "answer to 1,2"
        (message,) = inbox.results()
        assert message["responseBody"]["content"] == "YW5zd2VyIHRvIDEsMg=="
        assert {name: message[name] for name in ("invocationStatus", "inferenceId", "eventSource")} == {
            "invocationStatus": "Completed",
            "inferenceId": "mine",
            "eventSource": "aws:sagemaker",
        }
        assert message["requestParameters"] == {
            "contentType": "text/csv",
            "endpointName": "told",
            "inputLocation": f"s3://{BUCKET}/async/in/told",
        }
        assert message["responseParameters"] == {"contentType": "text/csv", "outputLocation": location}
        assert inbox.named("TestNotification") == [
            {"eventVersion": "1.0", "eventSource": "aws:sagemaker", "eventName": "TestNotification"}
        ]

    def test_comes_of_an_inline_body_under_the_callers_own_name(
        self, plane: Harness, s3: Any, backend: ServingBackend
    ) -> None:
        seen: list[dict[str, str]] = []

        def note(asked: Asked) -> Any:
            seen.append(asked.headers)
            return b"answer to " + asked.body

        backend.handlers[IMAGE] = note
        deploy(plane, "inline")
        answer = plane.runtime.invoke_endpoint_async(
            EndpointName="inline",
            Body=b"3",
            ContentType="text/csv",
            CustomAttributes="a=b",
            S3OutputPathExtension="run-7",
            Filename="three.csv",
        )
        assert answer["OutputLocation"] == f"s3://{BUCKET}/async/out/run-7/three.csv"
        assert written(s3, answer["OutputLocation"]) == "answer to 3"
        assert seen[0]["x-amzn-sagemaker-custom-attributes"] == "a=b"
        assert seen[0]["x-amzn-sagemaker-inference-id"] == answer["InferenceId"]

    def test_waits_its_turn_and_no_more_than_allowed_are_worked_on(
        self, plane: Harness, s3: Any, backend: ServingBackend
    ) -> None:
        gate, busy = threading.Event(), Counter[str]()

        async def hold(asked: Asked) -> Any:
            busy["now"] += 1
            busy["most"] = max(busy["most"], busy["now"])
            while not gate.is_set():
                await asyncio.sleep(0.01)
            busy["now"] -= 1
            return asked.body

        backend.handlers[IMAGE] = hold
        deploy(plane, "turns")
        answers = [
            plane.runtime.invoke_endpoint_async(EndpointName="turns", Body=b"%d" % number)
            for number in range(6)
        ]
        eventually(lambda: busy["now"] == 2)
        gate.set()
        assert [written(s3, each["OutputLocation"]) for each in answers] == list("012345")
        assert busy["most"] == 2


class TestAFailure:
    def test_of_the_model_is_written_and_announced(
        self, plane: Harness, s3: Any, inbox: Inbox, backend: ServingBackend
    ) -> None:
        backend.handlers[IMAGE] = lambda _: (400, b"row 1 is bad")
        deploy(plane, "refuses", config(NotificationConfig={"ErrorTopic": inbox.topic}))
        answer = ask(plane, "refuses", s3, b"x")
        reason = 'Received client error (400) from model with message "row 1 is bad"'
        assert written(s3, answer["FailureLocation"]) == reason
        (message,) = inbox.results()
        assert (message["invocationStatus"], message["failureReason"]) == ("Failed", reason)
        assert message["inferenceId"] == answer["InferenceId"]

    def test_of_the_input_is_told_too(self, plane: Harness, s3: Any) -> None:
        deploy(plane, "missing")
        answer = plane.runtime.invoke_endpoint_async(
            EndpointName="missing", InputLocation=f"s3://{BUCKET}/async/no-such-object"
        )
        assert "Failed to download the request" in written(s3, answer["FailureLocation"])

    def test_by_time_is_told_too(self, plane: Harness, s3: Any, backend: ServingBackend) -> None:
        async def hang(asked: Asked) -> Any:
            await asyncio.sleep(3600)
            return b""

        backend.handlers[IMAGE] = hang
        deploy(plane, "slow")
        answer = ask(plane, "slow", s3, b"x", InvocationTimeoutSeconds=1)
        assert "timed out" in written(s3, answer["FailureLocation"])


class TestTheQueue:
    def test_keeps_requests_while_there_is_no_instance(self, plane: Harness, s3: Any) -> None:
        deploy(plane, "zero")
        scale(plane, "zero", 0)
        answer = ask(plane, "zero", s3, b"7")
        described = plane.sm.describe_endpoint(EndpointName="zero")
        assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 0
        assert described["AsyncInferenceConfig"]["ClientConfig"] == {"MaxConcurrentInvocationsPerInstance": 2}
        scale(plane, "zero", 1)
        assert written(s3, answer["OutputLocation"]) == "answer to 7"

    def test_lets_requests_expire(self, plane: Harness, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sagemaker_local.hosting.asynchronous.invoke._TTL_SECONDS", 1)
        deploy(plane, "expires")
        scale(plane, "expires", 0)
        answer = ask(plane, "expires", s3, b"7")
        assert "expired in the queue after 1 seconds" in written(s3, answer["FailureLocation"])

    def test_is_emptied_when_its_endpoint_is_deleted(self, plane: Harness, s3: Any) -> None:
        folder = plane.settings.data_dir / "async-queues"
        deploy(plane, "gone")
        scale(plane, "gone", 0)
        ask(plane, "gone", s3, b"7")
        plane.sm.delete_endpoint(EndpointName="gone")
        eventually(lambda: not Spool(folder).waiting("gone"))

    def test_loses_nothing_when_the_model_is_replaced(
        self, plane: Harness, s3: Any, backend: ServingBackend
    ) -> None:
        async def slowly(asked: Asked) -> Any:
            await asyncio.sleep(0.05)
            return asked.spec.environment["WHO"].encode()

        backend.handlers[IMAGE] = slowly
        for name in ("red", "blue"):
            plane.create_model(name, WHO=name)
            members = {"AsyncInferenceConfig": config()}
            plane.sm.create_endpoint_config(
                EndpointConfigName=name, ProductionVariants=[variant(name)], **members
            )
        plane.sm.create_endpoint(EndpointName="swap", EndpointConfigName="red")
        plane.endpoint("swap")
        invoke = plane.runtime.invoke_endpoint_async
        answers = [invoke(EndpointName="swap", Body=b"x") for _ in range(20)]
        plane.sm.update_endpoint(EndpointName="swap", EndpointConfigName="blue")
        plane.endpoint("swap")
        answers += [invoke(EndpointName="swap", Body=b"x") for _ in range(5)]
        found = [written(s3, each["OutputLocation"]) for each in answers]
        assert set(found) == {"red", "blue"}
        assert found[-1] == "blue"

    def test_publishes_the_metrics_of_asynchronous_endpoints_and_no_others(
        self, plane: Harness, s3: Any, aws_url: str
    ) -> None:
        deploy(plane, "measured")
        written(s3, ask(plane, "measured", s3, b"1")["OutputLocation"])
        cloudwatch = client("cloudwatch", aws_url)
        dimensions = [{"Name": "EndpointName", "Value": "measured"}]

        def names() -> set[str]:
            found = cloudwatch.list_metrics(Namespace="AWS/SageMaker", Dimensions=dimensions)["Metrics"]
            return {each["MetricName"] for each in found}

        expected = {
            "ApproximateBacklogSize",
            "ApproximateBacklogSizePerInstance",
            "HasBacklogWithoutCapacity",
            "InvocationsProcessed",
            "Invocation4XXErrors",
            "Invocation5XXErrors",
            "ModelLatency",
            "RequestDownloadLatency",
            "ResponseUploadLatency",
            "TimeInBacklog",
            "TotalProcessingTime",
        }
        assert eventually(names, lambda seen: seen >= expected) == expected
        now = datetime.now(UTC)
        sums = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="InvocationsProcessed",
            Dimensions=[*dimensions, {"Name": "VariantName", "Value": "one"}],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        assert sum(each["Sum"] for each in sums) == 1.0


class TestRefusals:
    def test_each_kind_of_endpoint_takes_its_own_invocations(self, plane: Harness) -> None:
        deploy(plane, "queue")
        plane.create_config("live", {"one": 1})
        plane.sm.create_endpoint(EndpointName="live", EndpointConfigName="live")
        plane.endpoint("live")
        invalid = plane.runtime.exceptions.ValidationError
        with pytest.raises(invalid, match="only receive asynchronous invocations"):
            plane.runtime.invoke_endpoint(EndpointName="queue", Body=b"x")
        with pytest.raises(invalid, match="is not asynchronous"):
            plane.runtime.invoke_endpoint_async(EndpointName="live", Body=b"x")
        with pytest.raises(invalid, match="Endpoint nobody of account 000000000000 not found"):
            plane.runtime.invoke_endpoint_async(EndpointName="nobody", Body=b"x")

    def test_requests_are_checked(self, plane: Harness) -> None:
        deploy(plane, "checks")
        invoke, invalid = plane.runtime.invoke_endpoint_async, plane.runtime.exceptions.ValidationError
        with pytest.raises(invalid, match="Exactly one of InputLocation and Body"):
            invoke(EndpointName="checks")
        with pytest.raises(invalid, match=r"requestTTLSeconds.* less than or equal to 21600"):
            invoke(EndpointName="checks", Body=b"x", RequestTTLSeconds=21_601)
        with pytest.raises(invalid, match="inputLocation"):
            invoke(EndpointName="checks", InputLocation="bucket/key")
        with pytest.raises(ClientError, match="exceeded 128000 bytes"):
            invoke(EndpointName="checks", Body=b"x" * 128_001)
        with pytest.raises(ParamValidationError):
            invoke(EndpointName="checks", Body=b"x", InvocationTimeoutSeconds=0)

    def test_there_is_one_variant_without_capture(self, plane: Harness) -> None:
        plane.create_model("two")
        with pytest.raises(ClientError, match="exactly one production variant"):
            plane.create_config("pair", {"one": 1, "two": 1}, AsyncInferenceConfig=config())
        capture = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{BUCKET}/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        }
        with pytest.raises(ClientError, match="DataCaptureConfig is not supported"):
            plane.create_config("taped", {"one": 1}, AsyncInferenceConfig=config(), DataCaptureConfig=capture)


def scale(plane: Harness, endpoint: str, count: int) -> None:
    plane.sm.update_endpoint_weights_and_capacities(
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[{"VariantName": "one", "DesiredInstanceCount": count}],
    )
    assert plane.endpoint(endpoint)["EndpointStatus"] == "InService"


def test_what_was_accepted_is_answered_by_the_planes_next_life(
    tmp_path: Path, aws_url: str, s3: Any, backend: ServingBackend
) -> None:
    started = threading.Event()

    async def hang(asked: Asked) -> Any:
        started.set()
        await asyncio.sleep(3600)

    pack_model(tmp_path, s3)
    backend.handlers[IMAGE] = hang
    with serve(settings_in(tmp_path / "plane", aws_url), backend) as first:
        first.create_model("one")
        deploy(first, "lives")
        answers = [first.runtime.invoke_endpoint_async(EndpointName="lives", Body=b"\xff") for _ in range(5)]
        assert started.wait(patience.SECONDS)
    backend.handlers[IMAGE] = lambda asked: json.dumps(list(asked.body)).encode()
    with serve(settings_in(tmp_path / "plane", aws_url), backend):
        assert [written(s3, each["OutputLocation"]) for each in answers] == ["[255]"] * 5

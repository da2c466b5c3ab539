"""Serverless endpoints over boto3: cold and warm, throttled, limited, and what they are refused."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.harness import BUCKET, IMAGE, ROLE, Harness, client, eventually, variant
from tests.plane.support.serving import Asked, ServingBackend


def serverless(model: str = "one", **config: Any) -> dict[str, Any]:
    found = {"MemorySizeInMB": 1024, "MaxConcurrency": 2} | config
    return {"VariantName": model, "ModelName": model, "ServerlessConfig": found}


def deploy(plane: Harness, name: str, **config: Any) -> dict[str, Any]:
    plane.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[serverless(**config)])
    plane.sm.create_endpoint(EndpointName=name, EndpointConfigName=name)
    endpoint = plane.endpoint(name)
    assert endpoint["EndpointStatus"] == "InService", endpoint
    return endpoint


def ask(plane: Harness, name: str, body: bytes = b"1") -> bytes:
    answer: bytes = plane.runtime.invoke_endpoint(EndpointName=name, Body=body)["Body"].read()
    return answer


def running(backend: ServingBackend) -> int:
    return sum(not program.terminated.is_set() for program in backend.programs)


class TestColdAndWarm:
    def test_its_container_sleeps_when_nobody_asks_and_wakes_for_a_request(
        self, plane: Harness, backend: ServingBackend, aws_url: str
    ) -> None:
        endpoint = deploy(plane, "sleeps")
        found = endpoint["ProductionVariants"][0]
        assert found["CurrentServerlessConfig"] == {"MemorySizeInMB": 1024, "MaxConcurrency": 2}
        assert "CurrentInstanceCount" not in found
        assert ask(plane, "sleeps") == b"answer to 1"
        eventually(lambda: running(backend) == 0)
        before = len(backend.programs)
        assert plane.sm.describe_endpoint(EndpointName="sleeps")["EndpointStatus"] == "InService"
        assert ask(plane, "sleeps") == b"answer to 1"
        assert len(backend.programs) == before + 1
        cold = before  # the endpoint's creation started the first container, and a request each of the others
        eventually(lambda: running(backend) == 0)

        now = datetime.now(UTC)
        found = eventually(
            lambda: client("cloudwatch", aws_url).get_metric_statistics(
                Namespace="AWS/SageMaker",
                MetricName="ModelSetupTime",
                Dimensions=[
                    {"Name": "EndpointName", "Value": "sleeps"},
                    {"Name": "VariantName", "Value": "one"},
                ],
                StartTime=now - timedelta(minutes=5),
                EndTime=now + timedelta(minutes=5),
                Period=3600,
                Statistics=["SampleCount", "Average"],
            )["Datapoints"],
            lambda found: sum(each["SampleCount"] for each in found) == cold,
        )
        assert all(each["Unit"] == "Microseconds" for each in found)

    def test_one_start_serves_all_that_wait_for_it(self, plane: Harness, backend: ServingBackend) -> None:
        arrived: list[Asked] = []

        async def hold(asked: Asked) -> Any:
            arrived.append(asked)
            while len(arrived) < 8:
                await asyncio.sleep(0.01)
            return b"answer to " + asked.body

        backend.handlers[IMAGE] = hold
        deploy(plane, "together", MaxConcurrency=8)
        eventually(lambda: running(backend) == 0)
        before = len(backend.programs)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: ask(plane, "together", b"%d" % n), range(8)))
        assert answers == [b"answer to %d" % n for n in range(8)]
        assert len(backend.programs) == before + 1

    def test_provisioned_concurrency_never_sleeps(self, plane: Harness, backend: ServingBackend) -> None:
        deploy(plane, "provisioned", ProvisionedConcurrency=1)
        deploy(plane, "other")
        eventually(lambda: running(backend) == 1)
        ask(plane, "provisioned")
        assert len(backend.programs) == 2

    def test_a_container_that_comes_up_no_more_is_a_model_error(
        self, plane: Harness, backend: ServingBackend
    ) -> None:
        deploy(plane, "breaks")
        eventually(lambda: running(backend) == 0)

        async def crash(*_: Any) -> int:
            return 1

        del backend.handlers[IMAGE]
        backend.images[IMAGE] = crash
        with pytest.raises(plane.runtime.exceptions.ModelError, match="did not pass the ping health check"):
            ask(plane, "breaks")

    def test_an_endpoint_whose_container_never_answers_fails(
        self, plane: Harness, backend: ServingBackend
    ) -> None:
        async def crash(*_: Any) -> int:
            return 1

        image = IMAGE.replace("toy", "crash")
        backend.images[image] = crash
        plane.create_model("crashes", image)
        plane.sm.create_endpoint_config(
            EndpointConfigName="crashes", ProductionVariants=[serverless("crashes")]
        )
        plane.sm.create_endpoint(EndpointName="crashes", EndpointConfigName="crashes")
        assert plane.endpoint("crashes")["EndpointStatus"] == "Failed"


class TestLimits:
    def test_more_than_max_concurrency_are_throttled(self, plane: Harness, backend: ServingBackend) -> None:
        gate, busy = threading.Event(), []

        async def hold(asked: Asked) -> Any:
            busy.append(asked)
            while not gate.is_set():
                await asyncio.sleep(0.01)
            return b"done"

        backend.handlers[IMAGE] = hold
        deploy(plane, "narrow")
        with ThreadPoolExecutor(2) as pool:
            answers = [pool.submit(ask, plane, "narrow") for _ in range(2)]
            eventually(lambda: len(busy) == 2)
            with pytest.raises(ClientError) as error:
                ask(plane, "narrow")
            gate.set()
            assert [each.result() for each in answers] == [b"done", b"done"]
        assert error.value.response["Error"]["Code"] == "ThrottlingException"
        assert ask(plane, "narrow") == b"done"

    def test_concurrency_is_changed_in_place(self, plane: Harness) -> None:
        deploy(plane, "wider")
        update = {"VariantName": "one", "ServerlessUpdateConfig": {"MaxConcurrency": 5}}
        plane.sm.update_endpoint_weights_and_capacities(
            EndpointName="wider", DesiredWeightsAndCapacities=[update]
        )
        found = plane.endpoint("wider")["ProductionVariants"][0]
        assert found["CurrentServerlessConfig"]["MaxConcurrency"] == 5
        assert ask(plane, "wider") == b"answer to 1"
        with pytest.raises(ClientError, match="DesiredInstanceCount does not apply"):
            plane.sm.update_endpoint_weights_and_capacities(
                EndpointName="wider",
                DesiredWeightsAndCapacities=[{"VariantName": "one", "DesiredInstanceCount": 2}],
            )

    def test_payloads_are_4_megabytes_both_ways(self, plane: Harness, backend: ServingBackend) -> None:
        limit = 4 * 1024 * 1024
        backend.handlers[IMAGE] = lambda asked: b"x" * int(asked.body or 0)
        deploy(plane, "sized")
        with pytest.raises(
            ClientError, match=r"\(ValidationError\).*Request [0-9a-f-]{36} has oversize body\."
        ):
            ask(plane, "sized", b"x" * (limit + 1))
        assert len(ask(plane, "sized", b"%d" % limit)) == limit
        with pytest.raises(plane.runtime.exceptions.ModelError, match="exceeded the maximum"):
            ask(plane, "sized", b"%d" % (limit + 1))

    def test_no_request_is_lost_when_the_model_is_replaced(
        self, plane: Harness, backend: ServingBackend
    ) -> None:
        async def who(asked: Asked) -> Any:
            await asyncio.sleep(0.02)
            return asked.spec.environment["WHO"].encode()

        backend.handlers[IMAGE] = who
        for name in ("red", "blue"):
            plane.create_model(name, WHO=name)
            variants = [serverless(name, MaxConcurrency=20)]
            plane.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
        plane.sm.create_endpoint(EndpointName="swap", EndpointConfigName="red")
        plane.endpoint("swap")
        over, answers = threading.Event(), []

        def load() -> None:
            while not over.is_set():
                answers.append(ask(plane, "swap"))

        with ThreadPoolExecutor(4) as pool:
            loads = [pool.submit(load) for _ in range(4)]
            eventually(lambda: len(answers) > 20)
            plane.sm.update_endpoint(EndpointName="swap", EndpointConfigName="blue")
            plane.endpoint("swap")
            eventually(lambda: answers[-1] == b"blue")
            over.set()
            for each in loads:
                each.result()
        assert set(answers) == {b"red", b"blue"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("config", "words"),
        [
            ({"MemorySizeInMB": 1500}, "1 GB increments"),
            ({"MemorySizeInMB": 8192}, "less than or equal to 6144"),
            ({"MaxConcurrency": 201}, "less than or equal to 200"),
            ({"ProvisionedConcurrency": 3}, "must not be more than MaxConcurrency"),
        ],
    )
    def test_configs_are_checked(self, plane: Harness, config: dict[str, Any], words: str) -> None:
        with pytest.raises(ClientError, match=words):
            plane.sm.create_endpoint_config(
                EndpointConfigName="bad", ProductionVariants=[serverless(**config)]
            )

    def test_what_serverless_endpoints_do_not_have(self, plane: Harness) -> None:
        def refused(words: str, *variants: dict[str, Any], **members: Any) -> None:
            with pytest.raises(ClientError, match=words):
                plane.sm.create_endpoint_config(
                    EndpointConfigName="bad", ProductionVariants=list(variants), **members
                )

        plane.create_model("two")
        capture = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{BUCKET}/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        }
        output = {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/out"}}
        vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
        refused("exactly one production variant", serverless(), serverless("two"))
        refused("exactly one production variant", serverless(), variant("two"))
        refused("InstanceType does not go", serverless() | {"InstanceType": "ml.m5.large"})
        refused(
            "ProvisionTimeoutInSeconds does not go",
            serverless() | {"VariantInstanceProvisionTimeoutInSeconds": 600},
        )
        refused("DataCaptureConfig is not supported", serverless(), DataCaptureConfig=capture)
        refused("not supported for serverless", serverless(), AsyncInferenceConfig=output)
        refused("VpcConfig and", serverless(), VpcConfig=vpc)

    @pytest.mark.parametrize("compression", ["None", "Gzip"])
    def test_models_with_a_data_source_are_refused_when_the_endpoint_is_made(
        self, plane: Harness, compression: str
    ) -> None:
        """ "Currently you cannot use ModelDataSource in conjunction with ... SageMaker serverless endpoints"."""
        source = {
            "S3Uri": f"s3://{BUCKET}/model.tar.gz",
            "S3DataType": "S3Object",
            "CompressionType": compression,
        }
        plane.sm.create_model(
            ModelName="source",
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}},
        )
        plane.sm.create_endpoint_config(
            EndpointConfigName="source", ProductionVariants=[serverless("source")]
        )
        with pytest.raises(ClientError, match="One or more endpoint features are not supported"):
            plane.sm.create_endpoint(EndpointName="source", EndpointConfigName="source")

    def test_models_in_a_vpc_are_refused_when_the_endpoint_is_made(self, plane: Harness) -> None:
        plane.sm.create_model(
            ModelName="inside",
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz"},
            VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        )
        plane.sm.create_endpoint_config(
            EndpointConfigName="inside", ProductionVariants=[serverless("inside")]
        )
        with pytest.raises(ClientError, match="One or more endpoint features are not supported"):
            plane.sm.create_endpoint(EndpointName="inside", EndpointConfigName="inside")

    def test_instances_do_not_become_serverless_but_serverless_becomes_instances(
        self, plane: Harness
    ) -> None:
        plane.create_config("instances", {"one": 1})
        plane.create_config("instances-2", {"one": 1})
        plane.sm.create_endpoint_config(EndpointConfigName="less", ProductionVariants=[serverless()])
        plane.sm.create_endpoint(EndpointName="ways", EndpointConfigName="instances")
        plane.endpoint("ways")
        with pytest.raises(ClientError, match="cannot be updated to a serverless one"):
            plane.sm.update_endpoint(EndpointName="ways", EndpointConfigName="less")
        plane.sm.create_endpoint(EndpointName="other", EndpointConfigName="less")
        plane.endpoint("other")
        plane.sm.update_endpoint(EndpointName="other", EndpointConfigName="instances-2")
        found = plane.endpoint("other")["ProductionVariants"][0]
        assert found["CurrentInstanceCount"] == 1
        assert "CurrentServerlessConfig" not in found

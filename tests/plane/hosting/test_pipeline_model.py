"""Models of several containers over boto3: what CreateModel takes, and what it leads to."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.harness import BUCKET, IMAGE, ROLE, Harness, variant


def containers(count: int, **members: Any) -> list[dict[str, Any]]:
    return [
        {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/{number}.tar.gz", "Environment": {"N": str(number)}}
        | members
        for number in range(1, count + 1)
    ]


@pytest.fixture(autouse=True)
def _model_data(s3: Any) -> None:
    for number in range(1, 17):
        s3.put_object(Bucket=BUCKET, Key=f"{number}.tar.gz", Body=b"")


def create(plane: Harness, definitions: list[dict[str, Any]], **members: Any) -> None:
    plane.sm.create_model(ModelName="chain", ExecutionRoleArn=ROLE, Containers=definitions, **members)


def test_an_endpoint_runs_them_in_their_order(plane: Harness) -> None:
    create(plane, containers(15), InferenceExecutionConfig={"Mode": "Serial"})
    assert len(plane.sm.describe_model(ModelName="chain")["Containers"]) == 15
    plane.sm.create_endpoint_config(EndpointConfigName="chain", ProductionVariants=[variant("chain")])
    plane.sm.create_endpoint(EndpointName="chain", EndpointConfigName="chain")
    endpoint = plane.endpoint("chain")
    assert endpoint["EndpointStatus"] == "InService"
    assert len(endpoint["ProductionVariants"][0]["DeployedImages"]) == 15
    ((running, _),) = plane.traffic.serving["chain"].variants
    parts = running.spec.containers
    assert [part.hostname for part in parts] == [f"container-{number}" for number in range(1, 16)]
    assert [part.environment["N"] for part in parts] == [str(number) for number in range(1, 16)]
    assert parts[1].model_data == f"s3://{BUCKET}/2.tar.gz"


@pytest.mark.parametrize(
    ("definitions", "members", "text"),
    [
        (containers(2), {"InferenceExecutionConfig": {"Mode": "Direct"}}, "does not implement.*Mode Direct"),
        (containers(1, Mode="MultiModel"), {}, "does not implement multi-model endpoints"),
        (containers(16), {}, "'containers' failed to satisfy constraint.*less than or equal to 15"),
        ([*containers(1), *containers(1, ContainerHostname="b")], {}, "of every ContainerDefinition in that"),
        (containers(2, ContainerHostname="same"), {}, "must be unique"),
        ([*containers(1), {"Image": "ghost:1"}], {}, "Requested image ghost:1 not found"),
    ],
)
def test_refuses(plane: Harness, definitions: list[Any], members: dict[str, Any], text: str) -> None:
    with pytest.raises(ClientError, match=rf"\(ValidationException\).*{text}"):
        create(plane, definitions, **members)


def test_serverless_endpoints_have_no_pipelines(plane: Harness) -> None:
    create(plane, containers(2))
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    member = {"VariantName": "main", "ModelName": "chain", "ServerlessConfig": serverless}
    plane.sm.create_endpoint_config(EndpointConfigName="cold", ProductionVariants=[member])
    with pytest.raises(ClientError, match="One or more endpoint features are not supported"):
        plane.sm.create_endpoint(EndpointName="cold", EndpointConfigName="cold")


def test_transform_jobs_say_that_they_take_one_container(plane: Harness) -> None:
    create(plane, containers(2))
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/"}}
    with pytest.raises(ClientError, match="inference pipeline of 2 containers"):
        plane.sm.create_transform_job(
            TransformJobName="chain",
            ModelName="chain",
            TransformInput={"DataSource": source},
            TransformOutput={"S3OutputPath": f"s3://{BUCKET}/out"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )

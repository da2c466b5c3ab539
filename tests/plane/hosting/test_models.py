"""Models over boto3: what CreateModel and CreateEndpointConfig refuse, model packages, and data that are no archive."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.processing.builders import processing_request
from tests.plane.registry.specification import INFERENCE
from tests.plane.support.fakes import succeed
from tests.plane.support.harness import BUCKET, IMAGE, ROLE, Harness, training_request, variant

SOURCE = {"S3Uri": f"s3://{BUCKET}/files/", "S3DataType": "S3Prefix", "CompressionType": "None"}
AUTHENTICATION = {"RepositoryCredentialsProviderArn": "arn:aws:lambda:us-east-1:000000000000:function:login"}


def source(**members: Any) -> dict[str, Any]:
    return {"ModelDataSource": {"S3DataSource": SOURCE | members}}


def create(plane: Harness, container: dict[str, Any], name: str = "m") -> None:
    plane.sm.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)


@pytest.mark.parametrize(
    ("container", "text"),
    [
        (source(S3Uri=f"s3://{BUCKET}/files"), r"must end with a forward slash \(/\)"),
        (source(CompressionType="Gzip"), "Gzip needs S3DataType S3Object"),
        (
            {"AdditionalModelDataSources": [{"ChannelName": "draft", "S3DataSource": SOURCE}]},
            "does not implement AdditionalModelDataSources",
        ),
        (
            {"ImageConfig": {"RepositoryAccessMode": "Platform", "RepositoryAuthConfig": AUTHENTICATION}},
            "only for RepositoryAccessMode Vpc",
        ),
        ({"InferenceSpecificationName": "small"}, "give its ModelPackageName too"),
    ],
)
def test_a_container_is_refused(plane: Harness, container: dict[str, Any], text: str) -> None:
    with pytest.raises(ClientError, match=rf"\(ValidationException\).*{text}"):
        create(plane, {"Image": IMAGE} | container)


def test_an_image_of_a_private_registry_needs_a_vpc(plane: Harness) -> None:
    """Such models "must be configured to connect to the same VPC" (Use a Private Docker Registry)."""
    private = "localhost:5000/toy:1"
    plane.backend.images[private] = succeed
    reached = {"Image": private, "ImageConfig": {"RepositoryAccessMode": "Vpc"}}
    with pytest.raises(ClientError, match=f'Using non-ECR image "{private}" without Vpc repository access'):
        create(plane, {"Image": private})
    with pytest.raises(ClientError, match="needs the VpcConfig"):
        create(plane, reached)
    vpc = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    plane.sm.create_model(ModelName="m", ExecutionRoleArn=ROLE, Containers=[reached], VpcConfig=vpc)


def test_an_image_lies_in_the_region_of_what_runs_it(plane: Harness) -> None:
    """ "must be in the same region as the model or endpoint you are creating" (ContainerDefinition, Image)."""
    far = IMAGE.replace("us-east-1", "eu-west-1")
    plane.backend.images[far] = succeed
    algorithm = {"TrainingImage": far, "TrainingInputMode": "File"}
    for ask in (
        lambda: create(plane, {"Image": far}),
        lambda: plane.sm.create_training_job(**training_request("t", AlgorithmSpecification=algorithm)),
        lambda: plane.sm.create_processing_job(**processing_request("p", AppSpecification={"ImageUri": far})),
    ):
        with pytest.raises(ClientError, match=f"Invalid region eu-west-1 in image URI {far}. Please provide"):
            ask()


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"InstanceType": "ml.g5.xlarge", "VolumeSizeInGB": 10}, "an instance type with local storage"),
        ({"RoutingConfig": {"RoutingStrategy": "PREFIX_AWARE"}}, "required there"),
    ],
)
def test_a_variant_is_refused(plane: Harness, members: dict[str, Any], text: str) -> None:
    plane.create_model("m")
    with pytest.raises(ClientError, match=rf"\(ValidationException\).*{text}"):
        plane.sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant("m", **members)])


def test_metrics_are_published_at_certain_intervals(plane: Harness) -> None:
    plane.create_model("m")
    plane.create_config("c", {"m": 1.0}, MetricsConfig={"MetricPublishFrequencyInSeconds": 30})
    with pytest.raises(ClientError, match="must be one of 10, 30, 60, 120, 180, 240, 300; found 7"):
        plane.create_config("d", {"m": 1.0}, MetricsConfig={"MetricPublishFrequencyInSeconds": 7})


def test_a_variant_is_named_once_in_a_change_of_weights(plane: Harness) -> None:
    plane.create_model("m")
    plane.create_config("c", {"m": 1.0})
    plane.sm.create_endpoint(EndpointName="e", EndpointConfigName="c")
    plane.endpoint("e")
    twice = [{"VariantName": "m", "DesiredWeight": 1.0}, {"VariantName": "m", "DesiredWeight": 2.0}]
    with pytest.raises(ClientError, match='"m" is named 2 times'):
        plane.sm.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=twice)


def test_a_described_container_has_its_mode_and_environment(plane: Harness) -> None:
    create(plane, {"Image": IMAGE})
    assert plane.sm.describe_model(ModelName="m")["PrimaryContainer"] == {
        "Image": IMAGE,
        "Mode": "SingleModel",
        "Environment": {},
    }


@pytest.fixture
def package(plane: Harness) -> str:
    """An approved version with one container, and an additional specification `chain` of two."""
    plane.sm.create_model_package_group(ModelPackageGroupName="digits")
    (container,) = INFERENCE["Containers"]
    created = plane.sm.create_model_package(
        ModelPackageGroupName="digits",
        InferenceSpecification=INFERENCE,
        AdditionalInferenceSpecifications=[{"Name": "chain", "Containers": [container, container]}],
        ModelApprovalStatus="Approved",
    )
    return str(created["ModelPackageArn"])


def served(plane: Harness, container: dict[str, Any]) -> Any:
    """The specs of the containers that an endpoint of such a model runs."""
    create(plane, container)
    plane.sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant("m")])
    plane.sm.create_endpoint(EndpointName="e", EndpointConfigName="c")
    assert plane.endpoint("e")["EndpointStatus"] == "InService"
    ((running, _),) = plane.traffic.serving["e"].variants
    return running.spec.containers


def test_a_model_runs_the_specification_of_the_package_that_it_names(plane: Harness, package: str) -> None:
    parts = served(
        plane,
        {"ModelPackageName": package, "InferenceSpecificationName": "chain"},
    )
    assert [part.hostname for part in parts] == ["container-1", "container-2"]
    assert [(part.environment["A"], part.environment["B"]) for part in parts] == [("package", "package")] * 2


def test_a_package_says_all_that_a_container_says(plane: Harness, package: str) -> None:
    with pytest.raises(ClientError, match="no inference specification named other"):
        create(plane, {"ModelPackageName": package, "InferenceSpecificationName": "other"})
    with pytest.raises(ClientError, match="either ModelPackageName or Image, not both"):
        create(plane, {"ModelPackageName": package, "Image": IMAGE})


def test_the_image_of_a_package_is_looked_for_as_that_of_a_model(plane: Harness, package: str) -> None:
    del plane.backend.images[IMAGE]
    with pytest.raises(ClientError, match=f"Requested image {IMAGE} not found"):
        create(plane, {"ModelPackageName": package})


@pytest.mark.parametrize(
    ("kind", "key", "is_archive"),
    [
        ("S3Prefix", "files/", False),
        ("S3Object", "files/name.txt", False),
        ("S3Object", "files/m.tar.gz", True),
    ],
)
def test_model_data_may_be_an_archive_or_the_files(
    plane: Harness, s3: Any, kind: str, key: str, is_archive: bool
) -> None:
    for name in ("name.txt", "m.tar.gz"):
        s3.put_object(Bucket=BUCKET, Key=f"files/{name}", Body=b"m")
    asked = {
        "S3Uri": f"s3://{BUCKET}/{key}",
        "S3DataType": kind,
        "CompressionType": "Gzip" if is_archive else "None",
    }
    (part,) = served(plane, {"Image": IMAGE} | source(**asked))
    assert (part.model_data, part.is_archive) == (asked["S3Uri"], is_archive)

"""The model registry: versions, approval, idempotency, and models made from packages."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.registry.specification import INFERENCE
from tests.plane.support.harness import BUCKET, IMAGE, ROLE, Harness, variant

TYPES = {
    "SupportedTransformInstanceTypes": ["ml.m5.large"],
    "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
}


@pytest.fixture
def shelf(sm: Any) -> Any:
    """SageMaker with an empty group `digits`."""
    sm.create_model_package_group(ModelPackageGroupName="digits", Tags=[{"Key": "team", "Value": "a"}])
    return sm


def add(sm: Any, **members: Any) -> str:
    request = {"ModelPackageGroupName": "digits", "InferenceSpecification": INFERENCE} | members
    return str(sm.create_model_package(**request)["ModelPackageArn"])


def test_versions_count_up_and_never_come_back(shelf: Any) -> None:
    first, second = add(shelf), add(shelf)
    assert first == "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/1"
    assert second.endswith("/digits/2")
    shelf.delete_model_package(ModelPackageName=second)
    assert add(shelf).endswith("/digits/3")
    listed = shelf.list_model_packages(ModelPackageGroupName="digits")["ModelPackageSummaryList"]
    assert [each["ModelPackageVersion"] for each in listed] == [1, 3]
    assert not any("ModelPackageName" in each for each in listed)


def test_a_version_is_described_by_its_arn_or_by_group_and_number(shelf: Any) -> None:
    arn = add(shelf)
    for name in (arn, "digits/1"):  # the pattern of ModelPackageName allows both
        assert shelf.describe_model_package(ModelPackageName=name)["ModelPackageArn"] == arn


def test_a_client_token_makes_creation_idempotent(shelf: Any) -> None:
    once = add(shelf, ClientToken="run-1")
    assert add(shelf, ClientToken="run-1") == once
    with pytest.raises(shelf.exceptions.ConflictException, match="already used with different parameters"):
        add(shelf, ClientToken="run-1", ModelPackageDescription="another")
    assert add(shelf, ClientToken="run-2") != once


def test_a_client_token_makes_an_update_idempotent_too(shelf: Any) -> None:
    """ "A unique token that guarantees that the call to this API is idempotent" (UpdateModelPackage)."""
    arn = add(shelf)
    small = {"Name": "small", "Containers": INFERENCE["Containers"]}
    request = {"ModelPackageArn": arn, "AdditionalInferenceSpecificationsToAdd": [small]}
    for _ in range(2):
        shelf.update_model_package(**request, ClientToken="change-1")
    with pytest.raises(ClientError, match="must be unique within a model package"):
        shelf.update_model_package(**request, ClientToken="change-2")
    with pytest.raises(shelf.exceptions.ConflictException, match="already used with different parameters"):
        shelf.update_model_package(ModelPackageArn=arn, SourceUri="s3://b/c", ClientToken="change-1")
    found = shelf.describe_model_package(ModelPackageName=arn)["AdditionalInferenceSpecifications"]
    assert [each["Name"] for each in found] == ["small"]


def test_the_versions_of_a_new_group_start_at_1(shelf: Any) -> None:
    """ "a numerical value that starts at 1 and is incremented with each new model package added to a Model Group"."""
    first = add(shelf, ClientToken="once")
    shelf.delete_model_package(ModelPackageName=first)
    shelf.delete_model_package_group(ModelPackageGroupName="digits")
    shelf.create_model_package_group(ModelPackageGroupName="digits")
    assert add(shelf).endswith("/digits/1")
    assert add(shelf, ClientToken="once").endswith("/digits/2")  # what the token made is gone


def test_an_unversioned_package_has_no_approval_status(shelf: Any) -> None:
    """ModelApprovalStatus "does not apply to unversioned models" (CreateModelPackage)."""
    shelf.create_model_package(
        ModelPackageName="alone",
        InferenceSpecification=INFERENCE | TYPES,
        ModelApprovalStatus="PendingManualApproval",
    )
    assert "ModelApprovalStatus" not in shelf.describe_model_package(ModelPackageName="alone")
    shelf.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"ModelPackageName": "alone"})


def test_a_version_waits_for_approval_until_somebody_decides(shelf: Any) -> None:
    arn = add(shelf)
    assert (
        shelf.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"] == "PendingManualApproval"
    )
    containers = [{"ModelPackageName": arn}]
    with pytest.raises(ClientError, match="approval status PendingManualApproval"):
        shelf.create_model(ModelName="early", ExecutionRoleArn=ROLE, Containers=containers)
    shelf.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="looks good"
    )
    package = shelf.describe_model_package(ModelPackageName=arn)
    assert (package["ModelApprovalStatus"], package["ApprovalDescription"]) == ("Approved", "looks good")
    shelf.create_model(ModelName="now", ExecutionRoleArn=ROLE, Containers=containers)


def test_a_model_of_a_package_serves_what_the_package_says(shelf: Any, plane: Harness) -> None:
    arn = add(shelf, ModelApprovalStatus="Approved")
    container = {"ModelPackageName": arn}
    both = container | {"Environment": {"B": "model"}}
    words = r"cannot be specified both at Model Package \{A=package, B=package\} and Model \{B=model\}"
    with pytest.raises(ClientError, match=words):
        shelf.create_model(ModelName="packed", ExecutionRoleArn=ROLE, PrimaryContainer=both)
    shelf.create_model(ModelName="packed", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    shelf.create_endpoint_config(EndpointConfigName="packed", ProductionVariants=[variant("packed")])
    shelf.create_endpoint(EndpointName="packed", EndpointConfigName="packed")
    plane.endpoint("packed")
    spec = plane.traffic.serving["packed"].variants[0][0].spec
    assert spec.image == IMAGE
    assert spec.model_data == f"s3://{BUCKET}/m.tar.gz"
    assert (spec.environment["A"], spec.environment["B"]) == ("package", "package")


def test_variables_of_a_package_without_any_are_those_of_the_model(shelf: Any, plane: Harness) -> None:
    (bare,) = [{key: each[key] for key in each if key != "Environment"} for each in INFERENCE["Containers"]]
    arn = add(
        shelf, ModelApprovalStatus="Approved", InferenceSpecification=INFERENCE | {"Containers": [bare]}
    )
    container = {"ModelPackageName": arn, "Environment": {"B": "model"}}
    shelf.create_model(ModelName="packed", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    shelf.create_endpoint_config(EndpointConfigName="packed", ProductionVariants=[variant("packed")])
    shelf.create_endpoint(EndpointName="packed", EndpointConfigName="packed")
    plane.endpoint("packed")
    assert plane.traffic.serving["packed"].variants[0][0].spec.environment["B"] == "model"


def test_lists_by_approval_status(shelf: Any) -> None:
    add(shelf)
    approved = add(shelf, ModelApprovalStatus="Approved")
    add(shelf, ModelApprovalStatus="Rejected")
    listed = shelf.list_model_packages(ModelPackageGroupName="digits", ModelApprovalStatus="Approved")
    assert [each["ModelPackageArn"] for each in listed["ModelPackageSummaryList"]] == [approved]
    newest = shelf.list_model_packages(ModelPackageGroupName="digits", SortOrder="Descending", MaxResults=1)
    assert newest["ModelPackageSummaryList"][0]["ModelPackageVersion"] == 3


def test_custom_metadata_is_merged_and_removed_by_key(shelf: Any) -> None:
    arn = add(shelf, CustomerMetadataProperties={"digest": "abc", "draft": "yes"})
    shelf.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"reviewer": "eve"},
        CustomerMetadataPropertiesToRemove=["draft"],
    )
    package = shelf.describe_model_package(ModelPackageName=arn)
    assert package["CustomerMetadataProperties"] == {"digest": "abc", "reviewer": "eve"}


def test_refuses_what_the_registry_refuses(shelf: Any) -> None:
    with pytest.raises(ClientError, match="Both ModelPackageName and ModelPackageGroupName are provided"):
        add(shelf, ModelPackageName="single")
    with pytest.raises(ClientError, match="Missing ARN"):
        shelf.create_model_package(InferenceSpecification=INFERENCE)
    with pytest.raises(ClientError, match="Tags are not allowed on versioned"):
        add(shelf, Tags=[{"Key": "a", "Value": "b"}])
    with pytest.raises(ClientError, match=r"\(ValidationException\).*does not exist"):
        add(shelf, ModelPackageGroupName="nowhere")
    with pytest.raises(ClientError, match=r"\(ValidationException\).*does not exist"):
        shelf.describe_model_package_group(ModelPackageGroupName="nowhere")
    with pytest.raises(ClientError, match="already exists"):
        shelf.create_model_package_group(ModelPackageGroupName="digits")
    arn = add(shelf)
    with pytest.raises(shelf.exceptions.ConflictException, match="delete them first"):
        shelf.delete_model_package_group(ModelPackageGroupName="digits")
    shelf.delete_model_package(ModelPackageName=arn)
    shelf.delete_model_package_group(ModelPackageGroupName="digits")
    assert shelf.list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_a_package_without_a_group_has_a_name_of_its_own(shelf: Any) -> None:
    shelf.create_model_package(ModelPackageName="single", InferenceSpecification=INFERENCE | TYPES)
    assert shelf.describe_model_package(ModelPackageName="single")["ModelPackageName"] == "single"
    listed = shelf.list_model_packages()["ModelPackageSummaryList"]
    assert [each["ModelPackageName"] for each in listed] == ["single"]
    with pytest.raises(shelf.exceptions.ConflictException):
        shelf.create_model_package(ModelPackageName="single", InferenceSpecification=INFERENCE | TYPES)
    with pytest.raises(shelf.exceptions.ConflictException):
        shelf.create_model_package(ModelPackageName="Single", InferenceSpecification=INFERENCE | TYPES)


PLACE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in"}}
PROFILE = {
    "ProfileName": "p",
    "TransformJobDefinition": {
        "TransformInput": {"DataSource": PLACE},
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    },
}


def specifications(*names: str) -> list[dict[str, Any]]:
    return [{"Name": name, "Containers": INFERENCE["Containers"]} for name in names]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"ValidationSpecification": {"ValidationRole": ROLE, "ValidationProfiles": [PROFILE]}},
            "does not implement ValidationSpecification",
        ),
        (
            {"SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgorithmName": "mine"}]}},
            "does not implement SourceAlgorithmSpecification",
        ),
        ({"AdditionalInferenceSpecifications": specifications("a", "a")}, "must be unique.*: a is not"),
    ],
)
def test_refuses_what_is_passed_over_by_nobody(shelf: Any, members: dict[str, Any], text: str) -> None:
    with pytest.raises(ClientError, match=rf"\(ValidationException\).*{text}"):
        add(shelf, **members)


@pytest.mark.parametrize(
    "member", ["SupportedTransformInstanceTypes", "SupportedRealtimeInferenceInstanceTypes"]
)
def test_a_package_without_a_group_says_its_instance_types(shelf: Any, member: str) -> None:
    types = {key: value for key, value in TYPES.items() if key != member}
    with pytest.raises(ClientError, match=f"needs {member}"):
        shelf.create_model_package(ModelPackageName="alone", InferenceSpecification=INFERENCE | types)


def test_what_updates_add_up_to_has_the_limits_of_one_request(shelf: Any) -> None:
    arn = add(shelf)
    update = {"ModelPackageArn": arn}
    first = specifications(*(f"s{number}" for number in range(15)))
    shelf.update_model_package(**update, AdditionalInferenceSpecificationsToAdd=first)
    with pytest.raises(ClientError, match="can not exceed 15; found 16"):
        shelf.update_model_package(**update, AdditionalInferenceSpecificationsToAdd=specifications("more"))
    with pytest.raises(ClientError, match="must be unique"):
        shelf.update_model_package(**update, AdditionalInferenceSpecificationsToAdd=specifications("s1"))
    properties = {f"k{number}": "v" for number in range(50)}
    shelf.update_model_package(**update, CustomerMetadataProperties=properties)
    with pytest.raises(ClientError, match="at most 50 CustomerMetadataProperties; found 51"):
        shelf.update_model_package(**update, CustomerMetadataProperties={"one-more": "v"})
    swap = {"CustomerMetadataProperties": {"new": "v"}, "CustomerMetadataPropertiesToRemove": ["k1"]}
    shelf.update_model_package(**update, **swap)


def test_packages_are_listed_by_type(shelf: Any) -> None:
    shelf.create_model_package(ModelPackageName="alone", InferenceSpecification=INFERENCE | TYPES)
    shelf.create_model_package_group(ModelPackageGroupName="letters")
    versions = [add(shelf), add(shelf), add(shelf, ModelPackageGroupName="letters")]

    def listed(**members: Any) -> list[str]:
        """Page by page, one a page."""
        pages = shelf.get_paginator("list_model_packages").paginate(
            PaginationConfig={"PageSize": 1}, **members
        )
        return [each["ModelPackageArn"] for page in pages for each in page["ModelPackageSummaryList"]]

    (alone,) = listed()
    assert listed(ModelPackageType="Unversioned") == [alone]
    assert listed(ModelPackageType="Versioned") == versions
    assert sorted(listed(ModelPackageType="Versioned", SortBy="Name")) == sorted(versions)
    assert listed(ModelPackageType="Both") == [alone, *versions]
    assert listed(ModelPackageGroupName="letters", ModelPackageType="Versioned") == versions[2:]


def test_packages_are_found_by_their_names_and_versions_by_their_group(shelf: Any) -> None:
    """The number of a version is no part of its name."""
    shelf.create_model_package(ModelPackageName="alone-1", InferenceSpecification=INFERENCE | TYPES)
    version = add(shelf)

    def listed(text: str, **members: Any) -> list[str]:
        found = shelf.list_model_packages(NameContains=text, **members)
        return [each["ModelPackageArn"] for each in found["ModelPackageSummaryList"]]

    assert listed("DIG", ModelPackageGroupName="digits") == [version]
    assert listed("1", ModelPackageGroupName="digits") == listed("0", ModelPackageType="Versioned") == []
    assert listed("dig", ModelPackageType="Versioned") == listed("dig", ModelPackageType="Both") == [version]
    assert len(listed("1", ModelPackageType="Both")) == len(listed("one")) == 1


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ("us-east-1", "eu-west-1", "ARN should be scoped to correct region: us-east-1"),
        ("000000000000", "111122223333", "does not exist"),
    ],
    ids=["region", "account"],
)
def test_an_arn_of_another_account_or_region_names_nothing_here(
    shelf: Any, ours: str, theirs: str, words: str
) -> None:
    version = add(shelf)
    shelf.create_model_package(ModelPackageName="alone", InferenceSpecification=INFERENCE | TYPES)
    group = shelf.describe_model_package_group(ModelPackageGroupName="digits")["ModelPackageGroupArn"]
    assert add(shelf, ModelPackageGroupName=group).endswith("/digits/2")
    container = {"ModelPackageName": version.replace(ours, theirs)}
    for ask in (
        lambda: add(shelf, ModelPackageGroupName=group.replace(ours, theirs)),
        lambda: shelf.list_model_packages(ModelPackageGroupName=group.replace(ours, theirs)),
        lambda: shelf.describe_model_package(ModelPackageName=version.replace(ours, theirs)),
        lambda: shelf.delete_model_package(ModelPackageName=version.replace(ours, theirs)),
        lambda: shelf.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container),
    ):
        with pytest.raises(ClientError, match=rf"\(ValidationException\).*{words}"):
            ask()
    with pytest.raises(ClientError, match=r"\(ValidationException\).*does not exist"):
        shelf.describe_model_package(ModelPackageName=version.replace("/1", "/01"))


def test_no_other_account_shares_a_group(shelf: Any) -> None:
    found = shelf.list_model_package_groups(CrossAccountFilterOption="CrossAccount")
    assert found["ModelPackageGroupSummaryList"] == []
    found = shelf.list_model_package_groups(CrossAccountFilterOption="SameAccount")
    assert len(found["ModelPackageGroupSummaryList"]) == 1

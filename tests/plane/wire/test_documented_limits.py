"""Limits that only the texts of botocore's model state: refused, with the sentence's number."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.harness import IMAGE, ROLE, channel, training_request

RULE = {"RuleConfigurationName": "r", "RuleEvaluatorImage": "rules:1"}
MODEL = {"ModelName": "m", "ExecutionRoleArn": ROLE}


def _algorithm(**members: Any) -> dict[str, Any]:
    return {"TrainingImage": IMAGE, "TrainingInputMode": "File"} | members


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 2_419_201}}, "28 days"),
        (
            {"AlgorithmSpecification": _algorithm(MetricDefinitions=[{"Name": "a", "Regex": "("}])},
            "regular expression",
        ),
        ({"Tags": [{"Key": "aws:x", "Value": "1"}]}, "reserved"),
        ({"Tags": [{"Key": "AWS:x", "Value": "1"}]}, "reserved"),
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "unique per resource"),
        ({"InputDataConfig": [channel("a", "https://example.com/data")]}, "not a place in S3"),
        ({"OutputDataConfig": {"S3OutputPath": "https://s3.amazonaws.com/"}}, "not a place in S3"),
        (
            {"DebugRuleConfigurations": [RULE, RULE]},
            "RuleConfigurationName must be unique: r is there 2 times",
        ),
        ({"ProfilerRuleConfigurations": [RULE, RULE]}, "RuleConfigurationName must be unique"),
        ({"ProfilerConfig": {"ProfilingIntervalInMilliseconds": 300}}, "Available values are 100, 200, 500"),
    ],
)
def test_a_training_job_beyond_a_documented_limit_is_refused(
    sm: Any, members: dict[str, Any], text: str
) -> None:
    with pytest.raises(ClientError, match=rf"\(ValidationException\).*{text}"):
        sm.create_training_job(**training_request("refused", **members))
    assert sm.list_training_jobs()["TrainingJobSummaries"] == []


def test_what_is_just_within_the_limits_is_taken(sm: Any) -> None:
    sm.create_training_job(
        **training_request(
            "taken",
            StoppingCondition={"MaxRuntimeInSeconds": 2_419_200},
            Tags=[{"Key": "a", "Value": "1"}, {"Key": "my:aws:x", "Value": "1"}],
        )
    )


def test_the_environments_of_a_model_are_32_kb_together(sm: Any) -> None:
    big = {f"k{number:02}": "x" * 1000 for number in range(17)}
    with pytest.raises(ClientError, match="32 KB"):
        sm.create_model(
            **MODEL,
            PrimaryContainer={
                "Image": IMAGE,
                "Environment": big | {"y": "é" * 500} | {f"l{n:02}": "x" * 1000 for n in range(16)},
            },
        )
    half = {"Image": IMAGE, "Environment": big}
    with pytest.raises(ClientError, match="32 KB"):
        sm.create_model(**MODEL, Containers=[half, half])
    sm.create_model(**MODEL, PrimaryContainer=half)


@pytest.mark.parametrize("variable", [{"a": "é" * 513}, {"k" * 1024: "", "a": "x" * 1023 + "é"}])
def test_each_variable_of_a_model_has_1024_bytes_and_not_only_characters(
    sm: Any, variable: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match="the maximum is 1024"):
        sm.create_model(**MODEL, PrimaryContainer={"Image": IMAGE, "Environment": variable})
    sm.create_model(**MODEL, PrimaryContainer={"Image": IMAGE, "Environment": {"k" * 1024: "é" * 512}})


def test_tags_added_later_obey_the_same_rules(sm: Any) -> None:
    arn = sm.create_model(**MODEL, PrimaryContainer={"Image": IMAGE})["ModelArn"]
    sm.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    sm.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}])  # "overwrites" a tag of the same key
    with pytest.raises(ClientError, match="reserved"):
        sm.add_tags(ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": "1"}])
    with pytest.raises(ClientError, match="unique per resource"):
        sm.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": "1"}, {"Key": "b", "Value": "1"}])
    assert sm.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "2"}]


KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
LOCAL = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10}


@pytest.mark.parametrize("given", [{}, {"VolumeSizeInGB": 0}], ids=["left out", "0"])
@pytest.mark.parametrize(
    "instances",
    [
        {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        {"InstanceGroups": [{"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroupName": "a"}]},
        {"InstancePreferences": [{"InstanceType": "ml.m5.large", "InstanceCount": 1}]},
    ],
    ids=["type", "groups", "preferences"],
)
def test_without_local_storage_the_size_of_the_volume_must_be_said(
    sm: Any, instances: dict[str, Any], given: dict[str, int]
) -> None:
    """ "you must define the size of EBS volume through VolumeSizeInGB" of types without instance storage."""
    with pytest.raises(ClientError, match=r"VolumeSizeInGB is required for ml\.m5\.large"):
        sm.create_training_job(**training_request("refused", ResourceConfig=instances | given))
    local = {"InstanceType": "ml.r5d.large", "InstanceCount": 1} | given
    sm.create_training_job(**training_request("taken", ResourceConfig=local))


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"ResourceConfig": LOCAL | {"VolumeKmsKeyId": KEY}},
            "ml.g5.xlarge, an instance type with local storage",
        ),
        (
            {"VpcConfig": {"Subnets": ["subnet_1"], "SecurityGroupIds": ["sg-1"]}},
            "regular expression pattern",
        ),
        ({"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": [f"sg-{n}" for n in range(6)]}}, "5"),
        (
            {"OutputDataConfig": {"S3OutputPath": "s3://b/c", "KmsKeyId": "a key"}},
            "regular expression pattern",
        ),
    ],
)
def test_networks_and_keys_are_held_to_what_sagemaker_takes(
    sm: Any, members: dict[str, Any], text: str
) -> None:
    with pytest.raises(ClientError, match=rf"\(ValidationException\).*({text})"):
        sm.create_training_job(**training_request("refused", **members))


def test_an_endpoint_config_has_no_key_for_local_storage(sm: Any) -> None:
    sm.create_model(**MODEL, PrimaryContainer={"Image": IMAGE})
    variant = {
        "VariantName": "v",
        "ModelName": "m",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5d.large",
    }
    with pytest.raises(ClientError, match=r"m5d\.large, an instance type with local storage"):
        sm.create_endpoint_config(EndpointConfigName="c", KmsKeyId=KEY, ProductionVariants=[variant])
    sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])


@pytest.mark.parametrize("kind", ["ml.t2.medium", "ml.c5.large", "ml.c7g.large", "ml.foo.bar"])
def test_a_transform_job_takes_the_instance_types_of_transform_jobs_alone(sm: Any, kind: str) -> None:
    request = {
        "TransformJobName": "t",
        "ModelName": "m",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}},
        "TransformOutput": {"S3OutputPath": "s3://b/out"},
        "TransformResources": {"InstanceType": kind, "InstanceCount": 1},
    }
    with pytest.raises(
        ClientError, match=rf"'{kind}' at 'transformResources.instanceType' failed.*enum value set"
    ):
        sm.create_transform_job(**request)


def test_a_transform_job_has_at_most_100_instances(sm: Any) -> None:
    """ "The default value is 1, and the maximum is 100" (TransformResources)."""
    request = {
        "TransformJobName": "t",
        "ModelName": "m",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}},
        "TransformOutput": {"S3OutputPath": "s3://b/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 101},
    }
    with pytest.raises(ClientError, match=r"\(ValidationException\).*the maximum is 100"):
        sm.create_transform_job(**request)


@pytest.mark.parametrize(
    ("member", "value"), [("MemorySizeInMB", 1500), ("MemorySizeInMB", 7168), ("MaxConcurrency", 201)]
)
def test_a_serverless_variant_has_the_sizes_that_there_are(sm: Any, member: str, value: int) -> None:
    sm.create_model(**MODEL, PrimaryContainer={"Image": IMAGE})
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5, member: value}
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": serverless}
    with pytest.raises(ClientError, match=str(value)):
        sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])

"""SageMaker's control plane as it is documented: eventually consistent, and adding what nobody sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from switchyard.aws.calls import agrees
from switchyard.aws.containers import Roles
from switchyard.aws.sagemaker import SageMakerControl
from switchyard.core.errors import MismatchError, TransientError
from switchyard.core.names import Names
from switchyard.core.ports import Variant
from tests.fakes.pipelines import pipeline

NAMES = Names("switchyard", "digits", "digits-0123456789ab")
WHERE = {name: f"s3://artifacts/digits/{name}/" for name in ("train", "validation")}
ARTIFACT = "s3://artifacts/digits/model.tar.gz"
CONFIG = "switchyard-digits-0123456789ab-full"
VARIANTS = [Variant("one", "switchyard-digits-0123456789ab", 100.0)]


def missing(operation: str) -> ClientError:
    said = {"Code": "ValidationException", "Message": f'Could not find what "{operation}" asks for.'}
    return ClientError({"Error": said, "ResponseMetadata": {"HTTPStatusCode": 400}}, operation)  # type: ignore[typeddict-item]


@dataclass
class Client:
    """Answers by operation: a document, or an error to raise; a list is taken one at a time."""

    answers: dict[str, Any]
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    meta: Any = field(default_factory=lambda: SimpleNamespace(region_name="us-east-1"))

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> Any:
            self.asked.append((operation, request))
            answer = self.answers.get(operation, {})
            answer = answer.pop(0) if isinstance(answer, list) else answer
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def get_paginator(self, operation: str) -> Any:
        def paginate(**request: Any) -> list[Any]:
            self.asked.append((operation, request))
            return []

        return SimpleNamespace(paginate=paginate)


def control(client: Client) -> SageMakerControl:
    registry = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
    return SageMakerControl(client, Roles("role", "role", registry, "role"))  # type: ignore[arg-type]


def an_endpoint(**more: Any) -> dict[str, Any]:
    return {"EndpointName": "e", "EndpointStatus": "InService", "EndpointConfigName": "old", **more}


@pytest.mark.parametrize(
    ("answers", "act"),
    [
        (
            {
                "describe_endpoint": missing("DescribeEndpoint"),
                "describe_endpoint_config": {"EndpointConfigArn": "arn"},
                "create_endpoint": missing("CreateEndpoint"),
            },
            lambda made: made.ensure_endpoint("e", CONFIG),
        ),
        (
            {"describe_endpoint": an_endpoint(), "update_endpoint": missing("UpdateEndpoint")},
            lambda made: made.ensure_endpoint("e", CONFIG),
        ),
        (
            {
                "describe_endpoint_config": missing("DescribeEndpointConfig"),
                "create_endpoint_config": missing("CreateEndpointConfig"),
            },
            lambda made: made.ensure_config(CONFIG, pipeline(), VARIANTS, "s3://a/digits"),
        ),
        (
            {
                "describe_transform_job": missing("DescribeTransformJob"),
                "create_transform_job": missing("CreateTransformJob"),
            },
            lambda made: made.ensure_transform(NAMES, pipeline(), "t", "m", "s3://a/i/", "s3://a/o/"),
        ),
        (
            {"create_model_package": missing("CreateModelPackage")},
            lambda made: made.ensure_package(NAMES, pipeline(), ARTIFACT, "s3://a/evaluation.json"),
        ),
    ],
)
def test_what_was_just_made_and_is_not_found_yet_is_tried_again(answers: dict[str, Any], act: Any) -> None:
    with pytest.raises(TransientError, match="Could not find"):
        act(control(Client(answers)))


def test_a_config_that_was_created_is_looked_for_before_anything_refers_to_it() -> None:
    unseen = Client({"describe_endpoint_config": missing("DescribeEndpointConfig")})
    with pytest.raises(TransientError, match="not to be seen yet"):
        control(unseen).ensure_config(CONFIG, pipeline(), VARIANTS, "s3://a/digits")
    assert [operation for operation, _ in unseen.asked] == [
        "describe_endpoint_config",
        "create_endpoint_config",
        "describe_endpoint_config",
    ]


def tuned() -> Any:
    return pipeline(tuning={"parameters": {"max_depth": {"min": 2, "max": 8}, "eta": {"values": [0.1, 0.3]}}})


def a_tuning(path: str) -> Mapping[str, Any]:
    """As DescribeTrainingJob of real accounts answers: with a key that nobody sent."""
    return {"TrainingJobDefinition": {"OutputDataConfig": {"KmsKeyId": "", "S3OutputPath": path}}}


def test_what_sagemaker_adds_to_a_description_is_no_difference() -> None:
    described = Client({"describe_hyper_parameter_tuning_job": a_tuning("s3://artifacts/digits/models/r")})
    control(described).ensure_tuning(NAMES, tuned(), WHERE, "s3://artifacts/digits/models/r/")


def test_another_output_is_a_difference_whatever_is_added() -> None:
    described = Client({"describe_hyper_parameter_tuning_job": a_tuning("s3://artifacts/other")})
    with pytest.raises(MismatchError):
        control(described).ensure_tuning(NAMES, tuned(), WHERE, "s3://artifacts/digits/models/r/")


@pytest.mark.parametrize(
    ("found", "sent", "wanted"),
    [
        ({"a": 1, "KmsKeyId": ""}, {"a": 1}, True),
        ({"a": {"b": [1, {"c": 2, "d": ""}]}}, {"a": {"b": [1, {"c": 2}]}}, True),
        ({"a": 1}, {"a": 2}, False),
        ({}, {"a": 1}, False),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ("x", {"a": 1}, False),
    ],
)
def test_only_members_that_were_sent_are_compared(found: Any, sent: Any, wanted: bool) -> None:
    assert agrees(found, sent) is wanted


def client_token(run_id: str) -> str:
    client = Client({"create_model_package": {"ModelPackageArn": "arn"}})
    control(client).ensure_package(Names("switchyard", "m", run_id), pipeline(), ARTIFACT, "s3://a/e.json")
    [request] = [request for operation, request in client.asked if operation == "create_model_package"]
    return str(request["ClientToken"])


def test_models_whose_long_names_differ_in_their_first_sign_have_other_client_tokens() -> None:
    tokens = [client_token(f"{first}{'x' * 23}-0123456789ab-r2") for first in "ab"]
    assert tokens[0] != tokens[1]
    assert all(len(token) == 36 for token in tokens)
    assert client_token("a-0123456789ab") == client_token("a-0123456789ab")


def test_lists_are_read_in_pages_of_a_hundred() -> None:
    client = Client({"describe_hyper_parameter_tuning_job": {}})
    made = control(client)
    made.list_configs("s"), made.list_models("s"), made.list_endpoints("s"), made.tuning_jobs("t")
    sizes = [
        request["PaginationConfig"]["PageSize"]
        for _, request in client.asked
        if "PaginationConfig" in request
    ]
    assert sizes == [100] * 4


def test_an_endpoint_whose_rollback_failed_is_updated_even_to_the_config_that_it_shows() -> None:
    client = Client({"describe_endpoint": an_endpoint(EndpointStatus="UpdateRollbackFailed")})
    control(client).ensure_endpoint("e", "old")
    assert client.asked[-1][0] == "update_endpoint"


@pytest.mark.parametrize(
    ("status", "current", "is_asked"),
    [("InService", 90.0, True), ("Updating", 90.0, False), ("InService", 75.0, False)],
)
def test_weights_that_are_desired_and_not_in_force_are_asked_for_again(
    status: str, current: float, is_asked: bool
) -> None:
    """A change of weights that failed leaves the old ones in force."""
    variant = {"VariantName": "a", "DesiredWeight": 75.0, "CurrentWeight": current}
    client = Client({"describe_endpoint": an_endpoint(EndpointStatus=status, ProductionVariants=[variant])})
    control(client).set_weights("e", {"a": 75.0})
    asked = [operation for operation, _ in client.asked]
    assert ("update_endpoint_weights_and_capacities" in asked) is is_asked

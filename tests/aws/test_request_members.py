"""Every request that creates something in SageMaker carries the owner's network, key and tags.

All ways of training, evaluating and deploying are asked for; what the API offers is read off botocore's shapes, so that
a new request, or a new member of an old one, is missed here.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.model import ListShape, Shape, StructureShape
from botocore.validate import ParamValidator

from switchyard.aws.containers import Roles
from switchyard.aws.request_members import PLACES
from switchyard.aws.sagemaker import SageMakerControl
from switchyard.core.account import Account
from switchyard.core.names import Names
from switchyard.core.pipeline import Network, Pipeline
from tests.aws.test_sagemaker_control import ARTIFACT, CONFIG, VARIANTS, WHERE, Client, missing
from tests.fakes.pipelines import pipeline

NAMES = Names("switchyard", "digits", "digits-0123456789ab")
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NETWORK = Network(("subnet-1", "subnet-2"), ("sg-1",), isolation=True)
MLFLOW = "arn:aws:sagemaker:us-east-1:111122223333:mlflow-tracking-server/all"
ACCOUNT = Account("switchyard", KEY, NETWORK, {"team": "risk", "cost": "42"})
ROLE = "arn:aws:iam::111122223333:role/all"
SHARED = Roles(ROLE, ROLE, "registry", ROLE)
GUARDED = {"VpcConfig", "EnableNetworkIsolation", "KmsKeyId", "VolumeKmsKeyId", "Tags"}
NOT_OURS = {  # members that the API offers and we leave out, with the reason
    ("CreateEndpointConfig", "VpcConfig"): "of inference components; a variant's network is its model's",
    ("CreateEndpointConfig", "EnableNetworkIsolation"): "the same",
    ("CreateModelPackage", "Tags"): "a version uses the tags of its group, and cannot have others",
}
SPARK = {"problem": "binary", "prepare": {"kind": "spark", "entry_point": "prepare.py"}}
SCRIPT = {"training": {"kind": "script", "framework": "sklearn", "entry_point": "train.py"}}
WAYS: dict[str, dict[str, Any]] = {
    "container": {},
    "builtin": {"training": {"kind": "builtin"}},
    "script": SCRIPT,
    "spot": {"training": {"spot_max_wait_seconds": 90000}},
    "preferences": {
        "training": {"fallback_instance_types": ["ml.c5.xlarge"]},
        "deployment": {"capacity_wait_seconds": 600},
    },
    "tuning": {"tuning": {"parameters": {"max_depth": {"min": 2, "max": 16}}}},
    "spark": SPARK,
    "serverless": {"deployment": {"mode": "serverless"}},
    "async": {"deployment": {"mode": "async"}},
    "batch": {"deployment": {"mode": "batch"}},
    "own": {"network": {"subnets": ["subnet-9"], "security_groups": ["sg-9"]}, "tags": {"team": "churn"}},
}


@cache
def model() -> Any:
    return boto3.client("sagemaker", "us-east-1").meta.service_model


def sent(described: Pipeline, account: Account = ACCOUNT, roles: Roles = SHARED) -> dict[str, dict[str, Any]]:
    """Every Create request that a run of this pipeline can lead to, by operation."""
    client = Client(
        {
            f"describe_{each}": missing(each)
            for each in (
                "training_job",
                "hyper_parameter_tuning_job",
                "processing_job",
                "transform_job",
                "endpoint",
            )
        }
        | {"describe_model": [missing("m"), {}], "describe_model_package_group": [missing("g"), {}]}
        | {"describe_endpoint_config": [missing("c"), {}, {"EndpointConfigArn": "arn"}]}
        | {"create_model_package": {"ModelPackageArn": "arn"}}
    )
    control = SageMakerControl(client, roles, account)  # type: ignore[arg-type]
    control.ensure_training(NAMES, described, WHERE, "s3://artifacts/digits/models/")
    if described.tuning:
        control.ensure_tuning(NAMES, described, WHERE, "s3://artifacts/digits/models/")
    if described.prepare:
        control.ensure_processing(NAMES, described, "s3://artifacts/in/", "s3://artifacts/out/")
    control.ensure_transform(
        NAMES, described, "t", NAMES.sagemaker_model, "s3://artifacts/i/", "s3://artifacts/o/"
    )
    control.ensure_model(NAMES.sagemaker_model, described, ARTIFACT)
    control.ensure_config(CONFIG, described, VARIANTS, "s3://artifacts/digits")
    control.ensure_endpoint(NAMES.endpoint, CONFIG)
    control.ensure_package(NAMES, described, ARTIFACT, "s3://artifacts/evaluation.json")
    operations = {xform_name(each): each for each in model().operation_names if each.startswith("Create")}
    return {operations[name]: request for name, request in client.asked if name in operations}


def way(name: str, roles: Roles = SHARED) -> dict[str, dict[str, Any]]:
    described = pipeline(**WAYS[name])
    if described.prepare:  # as the door freezes it
        described = replace(described, prepare=replace(described.prepare, code="s3://artifacts/code/"))
    return sent(described, roles=roles)


def offered(shape: Shape, request: Any, path: str = "") -> Iterator[str]:
    """Where the API has a member for network, key or tags, within the parts that are sent."""
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            place = f"{path}.{name}".lstrip(".")
            if name in GUARDED:
                yield place
            elif name in request:
                yield from offered(member, request[name], place)
            elif name == "NetworkConfig":
                yield from offered(member, {}, place)
    elif isinstance(shape, ListShape):
        for item in request:
            yield from offered(shape.member, item, path)


def at(request: Any, path: str) -> Any:
    for name in path.split("."):
        request = request.get(name) if request else None
    return request


def input_of(operation: str) -> Any:
    return model().operation_model(operation).input_shape


@pytest.mark.parametrize("name", WAYS)
def test_every_create_request_has_the_shape_that_botocore_knows(name: str) -> None:
    for operation, request in way(name).items():
        assert not ParamValidator().validate(request, input_of(operation)).has_errors(), operation


@pytest.mark.parametrize("name", sorted(set(WAYS) - {"serverless"}))
def test_every_create_request_has_every_member_for_network_key_and_tags_that_the_api_offers(
    name: str,
) -> None:
    for operation, request in way(name).items():
        wanted = {path for path in offered(input_of(operation), request) if (operation, path) not in NOT_OURS}
        absent = {path for path in wanted if at(request, path) is None}
        assert not absent, (operation, absent)


def test_the_ways_send_every_create_request_that_the_product_has() -> None:
    """Whatever the source calls `create_...` on SageMaker's client is sent by one of the ways above."""
    source = Path(__file__).parents[2] / "functions/switchyard"
    calls = {
        node.attr
        for file in source.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self._client"
        if node.attr.startswith("create_")
    }
    played = {xform_name(operation) for name in WAYS for operation in way(name)}
    assert played == calls
    assert {xform_name(each) for each in PLACES} | {"create_endpoint"} == calls


def passed(request: Any) -> Iterator[str]:
    """Every role in a request, wherever it stands."""
    if isinstance(request, dict):
        for name, value in request.items():
            yield from [value] if name in ("RoleArn", "ExecutionRoleArn") else passed(value)
    elif isinstance(request, list):
        for each in request:
            yield from passed(each)


@pytest.mark.parametrize("name", WAYS)
def test_every_role_that_is_passed_is_the_model_s_own(name: str) -> None:
    """By the name of the model's folder, in whatever is created; a role without a * is all models'."""
    kinds = ("training", "hosting", "processing")
    own = [f"arn:aws:iam::111122223333:role/switchyard/switchyard-*-{kind}" for kind in kinds]
    roles = {
        role
        for request in way(name, Roles(own[0], own[1], "registry", own[2])).values()
        for role in passed(request)
    }
    assert roles <= {arn.replace("*", "digits") for arn in own}
    assert len(roles) >= 2
    assert {role for request in way(name).values() for role in passed(request)} == {ROLE}


def tags(request: dict[str, Any]) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in request["Tags"]}


def test_tags_say_project_model_and_run_beside_the_owners() -> None:
    ours = {"switchyard:project": "switchyard", "switchyard:model": "digits"}
    for operation, request in way("container").items():
        if operation not in ("CreateModelPackage", "CreateEndpoint"):
            run = {} if operation == "CreateModelPackageGroup" else {"switchyard:run": NAMES.run_id}
            assert tags(request) == {"team": "risk", "cost": "42"} | ours | run, operation


def test_a_model_s_own_network_and_tags_go_before_the_stack_s() -> None:
    requests = way("own")
    vpc = {"Subnets": ["subnet-9"], "SecurityGroupIds": ["sg-9"]}
    assert requests["CreateModel"]["VpcConfig"] == requests["CreateTrainingJob"]["VpcConfig"] == vpc
    assert requests["CreateModel"]["EnableNetworkIsolation"] is True  # the stack's, which nobody can lift
    assert tags(requests["CreateTrainingJob"])["team"] == "churn"
    assert tags(requests["CreateTrainingJob"])["cost"] == "42"


@pytest.mark.parametrize(
    ("endpoint", "wanted"), [(NAMES.endpoint, {}), (NAMES.alpha, {"switchyard:run": NAMES.run_id})]
)
def test_an_endpoint_has_its_config_s_tags_and_a_live_one_not_its_first_run_s(
    endpoint: str, wanted: dict[str, str]
) -> None:
    of_config = ACCOUNT.tags_of(pipeline(tags={"team": "churn"}), NAMES.run_id) | {"aws:created": "by"}
    owners = {"team": "churn", "cost": "42"}
    ours = {"switchyard:project": "switchyard", "switchyard:model": "digits"}
    assert ACCOUNT.endpoint_tags(endpoint, of_config) == owners | ours | wanted


def test_an_endpoint_of_a_config_that_an_older_release_made_has_the_stack_s_tags() -> None:
    assert ACCOUNT.endpoint_tags("e", {}) == {
        "team": "risk",
        "cost": "42",
        "switchyard:project": "switchyard",
    }


@pytest.mark.parametrize(("said", "experiment"), [({}, "digits"), ({"mlflow_experiment": "risk"}, "risk")])
def test_a_training_job_is_told_of_the_stack_s_mlflow_server(said: dict[str, Any], experiment: str) -> None:
    """Unless it is kept from every network; no other request has such a member."""
    told = {"MlflowResourceArn": MLFLOW, "MlflowExperimentName": experiment, "MlflowRunName": NAMES.run_id}
    described = pipeline(training=said)
    for account, wanted in ((Account(mlflow=MLFLOW), told), (replace(ACCOUNT, mlflow=MLFLOW), None)):
        requests = sent(described, account)
        assert requests["CreateTrainingJob"].get("MlflowConfig") == wanted
        assert (
            not ParamValidator()
            .validate(requests["CreateTrainingJob"], input_of("CreateTrainingJob"))
            .has_errors()
        )
    takers = {
        name for name in model().operation_names if "MlflowConfig" in (getattr(input_of(name), "members", {}))
    }
    assert takers & set(requests) == {"CreateTrainingJob"}


def test_no_key_is_named_for_disks_that_the_hardware_encrypts_nor_where_there_is_none() -> None:
    local = sent(pipeline(training={"kind": "builtin", "instance_type": "ml.g4dn.xlarge"}))[
        "CreateTrainingJob"
    ]
    assert "VolumeKmsKeyId" not in local["ResourceConfig"]
    assert local["OutputDataConfig"]["KmsKeyId"] == KEY
    assert (
        "KmsKeyId" not in sent(pipeline(deployment={"instance_type": "ml.m5d.large"}))["CreateEndpointConfig"]
    )
    assert "KmsKeyId" not in way("serverless")["CreateEndpointConfig"]


def test_an_account_that_asks_for_nothing_gets_our_tags_alone() -> None:
    for operation, request in sent(pipeline(), Account("switchyard")).items():
        found = {path for path in offered(input_of(operation), request) if at(request, path) is not None}
        assert found <= {"Tags"}, operation

"""`switchyard image push`: the right account, the right files, by Docker or by CodeBuild."""

import base64
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cli.image import by_codebuild, by_docker
from cli.image.source import source_zip
from cli.image.target import Target
from cli.stack.errors import StackError
from cli.stack.home import REPOSITORY

ACCOUNT, REGION = "111122223333", "eu-central-1"
MODEL, DATASET = "container/Dockerfile", "container/dataset.Dockerfile"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
NAMES = {
    "ImageRepository": "switchyard-xgboost",
    "ImageBuild": "switchyard-image",
    "ArtifactBucket": "artifacts",
}
FAKE_DOCKER = """#!/bin/sh
echo "$@" >> "$DOCKER_SAW"
[ "$1" = login ] && cat >> "$DOCKER_SAW"
[ "$1" != "$DOCKER_FAILS" ]
"""


class Stubbed(Target):
    """A target whose clients are botocore's, with their answers laid down: parameters are validated as for AWS."""

    def client(self, service: str) -> Any:
        return self.clients[service]  # type: ignore[attr-defined]


@pytest.fixture
def target() -> Target:
    made = Stubbed(boto3.session.Session(), ACCOUNT, REGION, "switchyard")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    services = ("sts", "cloudformation", "s3", "codebuild", "ecr")
    clients = {each: boto3.client(each, REGION, **keys) for each in services}  # type: ignore[call-overload]
    object.__setattr__(made, "clients", clients)
    return made


def answers(
    target: Target, service: str, *given: tuple[str, dict[str, Any], dict[str, Any] | None]
) -> Stubber:
    stubber = Stubber(target.client(service))
    for operation, answer, expected in given:
        stubber.add_response(operation, answer, expected)
    stubber.activate()
    return stubber


def deployed(target: Target, times: int) -> None:
    resources = [
        {
            "LogicalResourceId": logical,
            "PhysicalResourceId": physical,
            "ResourceType": "t",
            "Timestamp": 0,
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for logical, physical in NAMES.items()
    ]
    told = ("describe_stack_resources", {"StackResources": resources}, {"StackName": "switchyard"})
    answers(target, "cloudformation", *[told] * times)


def test_credentials_of_another_account_are_refused_before_anything_is_sent(target: Target) -> None:
    answers(target, "sts", ("get_caller_identity", {"Account": "999999999999"}, {}))
    with pytest.raises(StackError, match="999999999999, not of 111122223333"):
        target.check()


def test_the_source_holds_what_the_dockerfile_copies_with_its_modes_and_is_the_same_every_time() -> None:
    content = source_zip(REPOSITORY)
    archive = zipfile.ZipFile(io.BytesIO(content))
    names = set(archive.namelist())
    assert {"container/Dockerfile", "container/bin/train", "requirements/container.txt"} <= names
    engine = {"requirements/lambda/requirements.txt", "requirements/lambda-engine/requirements.txt"}
    program = "functions/switchyard/runtime/dataset_program.py"
    assert {"container/dataset.Dockerfile", program, *engine} <= names
    assert not any("__pycache__" in name for name in names)
    assert archive.getinfo("container/bin/serve").external_attr >> 16 & 0o111
    assert source_zip(REPOSITORY) == content


def test_codebuild_builds_the_uploaded_source_under_the_tag(target: Target) -> None:
    deployed(target, 2)
    upload = {"Bucket": "artifacts", "Key": "image/source.zip", "Body": source_zip(REPOSITORY)}
    s3 = answers(target, "s3", ("put_object", {}, upload))
    override = [
        {"name": "TAG", "value": "2", "type": "PLAINTEXT"},
        {"name": "DOCKERFILE", "value": DATASET, "type": "PLAINTEXT"},
    ]
    build = answers(
        target,
        "codebuild",
        (
            "start_build",
            {"build": {"id": "b:1"}},
            {"projectName": "switchyard-image", "environmentVariablesOverride": override},
        ),
        ("batch_get_builds", {"builds": [{"id": "b:1", "buildStatus": "IN_PROGRESS"}]}, {"ids": ["b:1"]}),
        ("batch_get_builds", {"builds": [{"id": "b:1", "buildStatus": "SUCCEEDED"}]}, {"ids": ["b:1"]}),
    )
    assert (
        by_codebuild.push(target, REPOSITORY, DATASET, "2", look_seconds=0)
        == f"{REGISTRY}/switchyard-xgboost:2"
    )
    s3.assert_no_pending_responses()
    build.assert_no_pending_responses()


def test_a_build_that_fails_says_where_its_log_is(target: Target) -> None:
    deployed(target, 2)
    answers(target, "s3", ("put_object", {}, None))
    failed = {"id": "b:1", "buildStatus": "FAILED", "logs": {"deepLink": "https://logs.example"}}
    answers(
        target,
        "codebuild",
        ("start_build", {"build": {"id": "b:1"}}, None),
        ("batch_get_builds", {"builds": [failed]}, None),
    )
    with pytest.raises(StackError) as refused:
        by_codebuild.push(target, REPOSITORY, MODEL, "1", look_seconds=0)
    assert "https://logs.example" in refused.value.next_step


@pytest.fixture
def saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `docker` that writes down what it is asked, as an engine's command would be called."""
    command = tmp_path / "bin" / "docker"
    command.parent.mkdir()
    command.write_text(FAKE_DOCKER)
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_SAW", str(tmp_path / "saw"))
    monkeypatch.setenv("DOCKER_FAILS", "none")
    return tmp_path / "saw"


def login(target: Target) -> None:
    token = base64.b64encode(b"AWS:secret").decode()
    answers(
        target, "ecr", ("get_authorization_token", {"authorizationData": [{"authorizationToken": token}]}, {})
    )


def test_docker_logs_in_builds_for_sagemaker_and_pushes(target: Target, saw: Path) -> None:
    deployed(target, 1)
    login(target)
    assert by_docker.is_here()
    image = by_docker.push(target, REPOSITORY, MODEL, "3")
    assert image == f"{REGISTRY}/switchyard-xgboost:3"
    _, login_line, *rest = saw.read_text().splitlines()
    assert login_line == f"login --username AWS --password-stdin {REGISTRY}"
    assert rest[0].startswith("secret")
    assert "--platform linux/amd64 --provenance=false --file container/Dockerfile" in saw.read_text()
    assert saw.read_text().splitlines()[-1] == f"push {image}"


def test_a_docker_that_fails_is_told_of(target: Target, saw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed(target, 1)
    login(target)
    monkeypatch.setenv("DOCKER_FAILS", "build")
    with pytest.raises(StackError, match="docker build failed"):
        by_docker.push(target, REPOSITORY, MODEL, "3")


def test_a_docker_without_an_engine_is_not_here(saw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_FAILS", "info")
    assert not by_docker.is_here()

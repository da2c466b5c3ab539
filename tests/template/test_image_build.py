"""The image is built alike by CodeBuild and by the Docker that is here, from a base that cannot change."""

import re

import yaml

from cli.image import by_docker
from tests.contract.cloudformation import ROOT, resources

DOCKERFILE = (ROOT / "container/Dockerfile").read_text()


def commands() -> str:
    project = resources("AWS::CodeBuild::Project")["ImageBuild"]
    phases = yaml.safe_load(project["Source"]["BuildSpec"])["phases"]
    return "\n".join(line for phase in phases.values() for line in phase["commands"])


def test_codebuild_builds_as_docker_does_here() -> None:
    assert by_docker.BUILD[0] == "build"
    assert f"docker {' '.join(by_docker.BUILD)} " in commands()


def test_no_image_index_is_pushed_and_the_architecture_is_that_of_the_instances() -> None:
    assert "--provenance=false" in by_docker.BUILD
    assert "--platform linux/amd64" in " ".join(by_docker.BUILD)


def test_the_base_image_is_one_that_accounts_may_pull_as_often_as_they_like_and_cannot_change() -> None:
    [base] = re.findall(r"^FROM (\S+)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(
        r"public\.ecr\.aws/docker/library/python:3\.12\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", base
    )

"""Building and pushing where there is no Docker: the stack's own CodeBuild project does it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from cli.image.source import source_zip
from cli.image.target import Target
from cli.stack.errors import StackError

SOURCE_KEY = "image/source.zip"  # template.yaml, ImageBuild
BUILD_SECONDS = 1800
LOOK_SECONDS = 5.0


def push(
    target: Target, repository: Path, dockerfile: str, tag: str, look_seconds: float = LOOK_SECONDS
) -> str:
    """The image's address, once the build has succeeded."""
    names = target.resources()
    project, bucket = target.resource("ImageBuild"), names["ArtifactBucket"]
    target.client("s3").put_object(Bucket=bucket, Key=SOURCE_KEY, Body=source_zip(repository))
    client = target.client("codebuild")
    told = {"TAG": tag, "DOCKERFILE": dockerfile}
    override = [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in told.items()]
    build = client.start_build(projectName=project, environmentVariablesOverride=override)["build"]["id"]
    _await(client, build, look_seconds)
    return f"{target.registry()}/{names['ImageRepository']}:{tag}"


def _await(client: Any, build: str, look_seconds: float) -> None:
    deadline = time.monotonic() + BUILD_SECONDS
    while time.monotonic() < deadline:
        [found] = client.batch_get_builds(ids=[build])["builds"]
        if found["buildStatus"] == "SUCCEEDED":
            return
        if found["buildStatus"] != "IN_PROGRESS":
            logs = found.get("logs", {}).get("deepLink", "the CodeBuild console")
            raise StackError(f"Build {build} ended {found['buildStatus']}.", f"Its log: {logs}")
        time.sleep(look_seconds)
    raise StackError(
        f"Build {build} still runs after {BUILD_SECONDS} s.", "Look at it in the CodeBuild console."
    )

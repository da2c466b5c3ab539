"""Building and pushing with the Docker that is here."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

from cli.image.target import Target
from cli.stack.errors import StackError

BUILD_SECONDS = 1800
# Without provenance no image index is pushed, which SageMaker does not take.
BUILD = ("build", "--platform", "linux/amd64", "--provenance=false", "--file")


def is_here() -> bool:
    """True where a Docker engine answers, not only its command."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    asked = subprocess.run([docker, "info"], capture_output=True, timeout=30, check=False)
    return asked.returncode == 0


def push(target: Target, repository: Path, dockerfile: str, tag: str) -> str:
    """The image's address. The password goes by standard input: arguments can be seen by others."""
    image = f"{target.registry()}/{target.resource('ImageRepository')}:{tag}"
    [said] = target.client("ecr").get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(said["authorizationToken"]).decode().partition(":")
    _docker(["login", "--username", user, "--password-stdin", target.registry()], repository, password)
    _docker([*BUILD, dockerfile, "--tag", image, "."], repository)
    _docker(["push", image], repository)
    return image


def _docker(arguments: list[str], folder: Path, given: str = "") -> None:
    ended = subprocess.run(
        ["docker", *arguments],
        cwd=folder,
        input=given,
        text=True,
        capture_output=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if ended.returncode:
        raise StackError(
            f"docker {arguments[0]} failed: {ended.stderr.strip()[-600:]}", "Correct that, then push again."
        )

"""Building and deploying template.yaml to the local AWS with the unmodified SAM CLI."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from cli.stack import builds
from cli.stack.errors import StackError
from cli.stack.home import REPOSITORY, Home, environment_python
from cli.stack.loopback import HOST, REGION, local_client, post, require_loopback
from cli.stack.ministack import deployment as kept_deployment
from cli.stack.ministack.own_paths import DEPLOYMENT_PATH
from cli.stack.packed import pack
from cli.stack.services import tail
from sagemaker_local.access.keys import Keys

ENVIRONMENT = "local"
LAYERS = ("requirements/lambda", "requirements/lambda-engine")
DEPLOYED_PATHS = ("template.yaml", "samconfig.toml", "statemachine", "functions", *LAYERS)
POLL_SECONDS = "0.2"  # from look to look of sam: the local CloudFormation is done in one or two
GOOD_STATUSES = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


def digest(source: Path = REPOSITORY) -> str:
    """Of everything that a deployment is made of, the Python that runs it included."""
    total = hashlib.sha256(lambda_runtime().encode())
    for file in _files(source / path for path in DEPLOYED_PATHS):
        total.update(f"\0{file.relative_to(source)}\0".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = [path] if path.is_file() else sorted(path.rglob("*"))
        found += [file for file in inside if file.is_file() and "__pycache__" not in file.parts]
    return found


def lambda_runtime() -> str:
    """`python3.x` of the SAM CLI's environment: what it builds with. MiniStack, which runs it, must agree."""
    builds, runs = (_python_minor(name) for name in ("sam", "ministack"))
    if builds != runs:
        raise StackError(
            f"The functions would be built for Python {builds} and run on Python {runs}.",
            "Run `make clean-env env`: it builds all environments with one Python.",
        )
    return f"python{builds}"


def _python_minor(name: str) -> str:
    config = environment_python(name).parent.parent / "pyvenv.cfg"
    if not config.exists():
        raise StackError(f"The environment .venvs/{name} is missing.", "Run `make env`.")
    lines = (line.partition("=") for line in config.read_text().splitlines())
    values = {key.strip(): value.strip() for key, _, value in lines}
    version = values.get("version") or values["version_info"]
    return ".".join(version.split(".")[:2])


def parameters(source: Path = REPOSITORY) -> list[str]:
    """samconfig.toml's own overrides and the runtime: SAM's --parameter-overrides replaces, it does not add."""
    config = tomllib.loads((source / "samconfig.toml").read_text())
    own = config[ENVIRONMENT]["deploy"]["parameters"].get("parameter_overrides", [])
    return [*(own.split() if isinstance(own, str) else own), f"LambdaRuntime={lambda_runtime()}"]


def stack_name(source: Path = REPOSITORY) -> str:
    config = tomllib.loads((source / "samconfig.toml").read_text())
    return str(config[ENVIRONMENT]["deploy"]["parameters"]["stack_name"])


def outputs(url: str, keys: Keys, source: Path = REPOSITORY) -> dict[str, str]:
    """Outputs of the deployed stack; empty when it is not there, or not in a good state."""
    try:
        formation = local_client("cloudformation", url, keys)
        stacks = formation.describe_stacks(StackName=stack_name(source))["Stacks"]
    except ClientError:
        return {}
    if not stacks or stacks[0]["StackStatus"] not in GOOD_STATUSES:
        return {}
    return {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}


EXISTENCE = {  # by type of resource: the service, the call that fails where it is gone, and the name's parameter
    "AWS::DynamoDB::Table": ("dynamodb", "describe_table", "TableName"),
    "AWS::Lambda::Function": ("lambda", "get_function_configuration", "FunctionName"),
    "AWS::SQS::Queue": ("sqs", "get_queue_attributes", "QueueUrl"),
    "AWS::S3::Bucket": ("s3", "head_bucket", "Bucket"),
    "AWS::StepFunctions::StateMachine": ("stepfunctions", "describe_state_machine", "stateMachineArn"),
}


def missing(url: str, keys: Keys, source: Path = REPOSITORY) -> list[str]:
    """What CloudFormation believes to be there and is not, by logical names: deleted, or lacking in a saved state.

    A deployment would not make it again: to CloudFormation nothing has changed.
    """
    clients = {name: local_client(name, url, keys) for name, _, _ in EXISTENCE.values()}
    pages = local_client("cloudformation", url, keys).get_paginator("list_stack_resources")
    listed = [
        each
        for page in pages.paginate(StackName=stack_name(source))
        for each in page["StackResourceSummaries"]
    ]
    known = [each for each in listed if each["ResourceType"] in EXISTENCE]
    return [each["LogicalResourceId"] for each in known if not _exists(clients, each)]


def _exists(clients: Mapping[str, Any], resource: Mapping[str, Any]) -> bool:
    service, call, parameter = EXISTENCE[resource["ResourceType"]]
    try:
        getattr(clients[service], call)(**{parameter: resource["PhysicalResourceId"]})
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
            return False
        raise
    return True


def is_built(source: Path = REPOSITORY) -> bool:
    return builds.is_built(source, digest(source))


def build(home: Home, url: str, source: Path = REPOSITORY) -> Path:
    """The folder of the build, which is made where there is none of this source as it is now."""
    cache = source / ".aws-sam" / f"cache-{lambda_runtime()}"

    def make(place: Path) -> None:
        where = ("--build-dir", str(place), "--cache-dir", str(cache))
        _sam(home, url, source, "build", "--template-file", str(source / "template.yaml"), *where)
        pack(place)

    return builds.build_once(source, digest(source), make)


def deploy(home: Home, url: str, source: Path = REPOSITORY, *, is_first: bool = False) -> None:
    """is_first: MiniStack has just begun. What is deployed then is also kept, so that it need not be deployed to again
    when it was killed; later the copy would take as long as all that has happened since is large.
    """
    require_loopback(url)  # before anything is built for it
    forget_kept(home)  # it is the former one from here on
    template = build(home, url, source) / "template.yaml"
    _sam(home, url, source, "deploy", "--use-json", "--template-file", str(template))
    if is_first:
        post(f"{url}{DEPLOYMENT_PATH}", home.keys(), b"{}")


def forget_kept(home: Home) -> None:
    kept_deployment.forget(home.ministack / "state")


def _sam(home: Home, url: str, source: Path, *arguments: str) -> None:
    command = [str(environment_python("sam").parent / "sam"), *arguments, "--config-env", ENVIRONMENT]
    command += ["--config-file", str(source / "samconfig.toml"), "--parameter-overrides", *parameters(source)]
    log = home.log("sam")
    with log.open("ab") as output:
        ended = subprocess.run(
            command,
            env=_sam_environment(home, require_loopback(url), os.environ),
            cwd=source,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if ended.returncode:
        raise StackError(
            f"`sam {arguments[0]}` failed with code {ended.returncode}:\n{tail(log, 20)}",
            f"Read {log}; repair what it names, then `switchyard up` again.",
        )


def _sam_environment(home: Home, url: str, caller: Mapping[str, str]) -> dict[str, str]:
    """The caller's own, for pip's sake, without a trace of the caller's AWS."""
    kept = {name: value for name, value in caller.items() if not name.startswith(("AWS_", "SAM_", "PYTHON"))}
    home.sam.mkdir(parents=True, exist_ok=True)
    return kept | {
        "PATH": f"{environment_python('sam').parent}:{caller.get('PATH', os.defpath)}",
        "AWS_ENDPOINT_URL": url,
        **home.keys().environment(),
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": str(home.sam / "no-aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home.sam / "no-aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": HOST,
        "no_proxy": HOST,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": POLL_SECONDS,
        "__SAM_CLI_APP_DIR": str(home.sam / "app"),
        "LC_ALL": "C.UTF-8",
    }

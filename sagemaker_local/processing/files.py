"""What a processing container finds in /opt/ml before it starts, and its last words after it ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagemaker_local.jobs.channels import download
from sagemaker_local.links import resolved
from sagemaker_local.store import Document

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MESSAGE_BYTES = 1024


def host_names(job: Document) -> list[str]:
    """`algo-1` ... `algo-N`, one for each instance."""
    count = job["ProcessingResources"]["ClusterConfig"]["InstanceCount"]
    return [f"algo-{number}" for number in range(1, count + 1)]


def local(opt_ml: Path, local_path: str) -> Path:
    """Where `/opt/ml/processing/...` of a container is on this machine."""
    return opt_ml / Path(local_path).relative_to("/opt/ml")


def managed(entries: list[Document], member: str) -> list[Document]:
    """The S3Input or S3Output of the entries that SageMaker, not the application, takes care of."""
    return [each[member] for each in entries if not each.get("AppManaged")]


def lay_out(opt_ml: Path, job: Document, host: str) -> None:
    """The configuration files, and a folder for each output: "This directory will be created"."""
    for folder in ("config", "output", "processing"):
        (opt_ml / folder).mkdir(parents=True, exist_ok=True)
    for output in managed(job.get("ProcessingOutputConfig", {}).get("Outputs", []), "S3Output"):
        local(opt_ml, output["LocalPath"]).mkdir(parents=True, exist_ok=True)
    files = {
        "processingjobconfig": job_config(job),
        "resourceconfig": {"current_host": host, "hosts": host_names(job)},
    }
    for name, content in files.items():
        (opt_ml / "config" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def job_config(job: Document) -> dict[str, Any]:
    """processingjobconfig.json: the request with its ARN; what was not given is null, as on AWS."""
    cluster = job["ProcessingResources"]["ClusterConfig"]
    outputs = job.get("ProcessingOutputConfig", {"Outputs": []})
    return {
        "ProcessingJobArn": job["ProcessingJobArn"],
        "ProcessingJobName": job["ProcessingJobName"],
        "AppSpecification": {"ContainerEntrypoint": None, "ContainerArguments": None}
        | job["AppSpecification"],
        "Environment": job.get("Environment"),
        "ProcessingInputs": job.get("ProcessingInputs", []),
        "ProcessingOutputConfig": {"KmsKeyId": None} | outputs,
        "ProcessingResources": {"ClusterConfig": {"VolumeKmsKeyId": None} | cluster},
        "RoleArn": job["RoleArn"],
        "StoppingCondition": job["StoppingCondition"],
    }


def bring_inputs(
    s3: S3Client, job: Document, opt_ml: Path, host: int, hosts: int, go_on: Callable[[], bool]
) -> None:
    """Download every input into its LocalPath: also a single object lands in a folder of that name.

    Raises `DataError`.
    """
    for source in managed(job.get("ProcessingInputs", []), "S3Input"):
        folder = local(opt_ml, source["LocalPath"])
        channel = {"ChannelName": source["LocalPath"], "DataSource": {"S3DataSource": source}}
        download(s3, channel, folder, host, hosts, go_on)


@dataclass(frozen=True)
class LastWords:
    """ExitMessage, what is no UTF-8 replaced; without `is_utf8` "the job fails and returns a ClientError"."""

    text: str
    is_utf8: bool


def exit_message(opt_mls: list[Path]) -> LastWords:
    """The hosts' messages one after the other, "then truncated to 1 KB"."""
    said = b"".join(map(_message, opt_mls))
    text = said.decode(errors="replace")
    cut = text.encode()[:_MESSAGE_BYTES].decode(errors="ignore")  # it may go through a character
    return LastWords(cut, text.encode() == said)


def _message(opt_ml: Path) -> bytes:
    file = resolved(opt_ml, opt_ml / "output" / "message")
    return b"" if file is None or not file.is_file() else file.read_bytes()

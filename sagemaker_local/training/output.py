"""What a training job leaves behind: model.tar.gz and output.tar.gz in S3, and the reason of a failure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.archive import ArchiveError, pack
from sagemaker_local.jobs.folder_sync import FolderSync
from sagemaker_local.store import Document
from sagemaker_local.training.channels import DataError, split_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FAILURE_CHARACTERS = 1024


class UploadError(Exception):
    """An artifact cannot be written; the text is the FailureReason after `ClientError: `."""


def is_uncompressed(job: Document) -> bool:
    return bool(job["OutputDataConfig"].get("CompressionType") == "NONE")


def model_uri(job: Document) -> str:
    """S3ModelArtifacts: one archive, or with CompressionType NONE the prefix of all files."""
    return f"{output_home(job)}/{'model/' if is_uncompressed(job) else 'model.tar.gz'}"


def output_home(job: Document) -> str:
    """`<S3OutputPath>/<job>/output`, where the artifacts of a job go."""
    return f"{job['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{job['TrainingJobName']}/output"


def upload(s3: S3Client, job: Document, opt_mls: list[Path], scratch: Path, *, with_model: bool) -> None:
    """Write `<S3OutputPath>/<job>/output/{model,output}.tar.gz`, or with CompressionType NONE the files below
    `.../output/{model,output}/`.

    opt_mls: /opt/ml of each host, whose folders are merged: "names must not clash". output.tar.gz is left out
    when there is nothing in it.
    """
    folders = {"output": "output/data"} | ({"model": "model"} if with_model else {})
    try:
        for name, folder in folders.items():
            merged = _merged(opt_mls, folder)
            if is_uncompressed(job):
                FolderSync(s3, f"{output_home(job)}/{name}", merged).push()
            elif pack(merged, scratch) or name == "model":
                bucket, home = split_uri(output_home(job))
                s3.upload_file(str(scratch), bucket, f"{home}/{name}.tar.gz")
    except (BotoCoreError, Boto3Error, ClientError, ArchiveError, DataError, OSError) as error:
        raise UploadError(f"Artifact upload failed:{error}") from error


def _merged(opt_mls: list[Path], folder: str) -> Path:
    """The folder of the first host, with the files of all hosts in it."""
    first, *others = (opt_ml / folder for opt_ml in opt_mls)
    for other in others:
        _merge(other, first)
    first.mkdir(parents=True, exist_ok=True)
    return first


def _merge(source: Path, target: Path) -> None:
    """Another host's files join the first one's; where names clash the first one wins."""
    for path in sorted(source.rglob("*")):
        destination = target / path.relative_to(source)
        if path.is_file() and not path.is_symlink() and not destination.exists():
            destination.parent.mkdir(parents=True, exist_ok=True)
            path.rename(destination)


def algorithm_error(opt_mls: list[Path], code: int) -> str:
    """`AlgorithmError: <the first 1024 characters of /opt/ml/output/failure>, exit code: N`."""
    texts = (_failure_text(opt_ml / "output" / "failure") for opt_ml in opt_mls)
    return f"AlgorithmError: {next(filter(None, texts), '')}, exit code: {code}"


def _failure_text(file: Path) -> str:
    if file.is_symlink() or not file.is_file():
        return ""
    with file.open(encoding="utf-8", errors="replace") as content:
        return content.read(_FAILURE_CHARACTERS)

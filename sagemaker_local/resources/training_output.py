"""What a training job leaves behind: model.tar.gz and output.tar.gz in S3, and the reason of a failure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.archive import ArchiveError, pack
from sagemaker_local.resources.training_data import DataError, split_uri
from sagemaker_local.store import Document

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FAILURE_CHARACTERS = 1024


class UploadError(Exception):
    """An artifact cannot be written; the text is the FailureReason after `ClientError: `."""


def output_home(job: Document) -> str:
    """`<S3OutputPath>/<job>/output`, where the artifacts of a job go."""
    return f"{job['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{job['TrainingJobName']}/output"


def upload(s3: S3Client, job: Document, opt_mls: list[Path], scratch: Path, *, with_model: bool) -> None:
    """Write `<S3OutputPath>/<job>/output/{model,output}.tar.gz`.

    opt_mls: /opt/ml of each host, whose folders are merged: "names must not clash". output.tar.gz is left out
    when there is nothing in it.
    """
    try:
        bucket, home = split_uri(output_home(job))
        if _packed(opt_mls, "output/data", scratch):
            s3.upload_file(str(scratch), bucket, f"{home}/output.tar.gz")
        if with_model:
            _packed(opt_mls, "model", scratch)
            s3.upload_file(str(scratch), bucket, f"{home}/model.tar.gz")
    except (BotoCoreError, Boto3Error, ClientError, ArchiveError, DataError, OSError) as error:
        raise UploadError(f"Artifact upload failed:{error}") from error


def keep_checkpoints(s3: S3Client, job: Document, opt_ml: Path) -> None:
    """Copy /opt/ml/checkpoints to CheckpointConfig.S3Uri, where the job has one. Once, at its end."""
    config = job.get("CheckpointConfig")
    if config is None:
        return
    folder = opt_ml / "checkpoints"
    try:
        bucket, prefix = split_uri(config["S3Uri"].rstrip("/") + "/")
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                s3.upload_file(str(path), bucket, prefix + path.relative_to(folder).as_posix())
    except (BotoCoreError, Boto3Error, ClientError, DataError, OSError) as error:
        raise UploadError(f"Checkpoint upload failed:{error}") from error


def _packed(opt_mls: list[Path], folder: str, archive: Path) -> int:
    """Pack the folder of all hosts; returns the number of files."""
    first, *others = (opt_ml / folder for opt_ml in opt_mls)
    for other in others:
        _merge(other, first)
    first.mkdir(parents=True, exist_ok=True)
    return pack(first, archive)


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

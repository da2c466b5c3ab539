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


def upload(s3: S3Client, job: Document, opt_mls: list[Path], scratch: Path, *, with_model: bool) -> Document:
    """Write `<S3OutputPath>/<job>/output/{model,output}.tar.gz`; the answer holds ModelArtifacts, if any.

    opt_mls: /opt/ml of each host, whose folders are merged: "names must not clash". output.tar.gz is left out
    when there is nothing in it.
    """
    try:
        bucket, prefix = split_uri(job["OutputDataConfig"]["S3OutputPath"])
        home = "/".join(part for part in (prefix.strip("/"), job["TrainingJobName"], "output") if part)
        if _packed(opt_mls, "output/data", scratch):
            s3.upload_file(str(scratch), bucket, f"{home}/output.tar.gz")
        if not with_model:
            return {}
        _packed(opt_mls, "model", scratch)
        s3.upload_file(str(scratch), bucket, f"{home}/model.tar.gz")
    except (BotoCoreError, Boto3Error, ClientError, ArchiveError, DataError, OSError) as error:
        raise UploadError(f"Artifact upload failed:{error}") from error
    return {"ModelArtifacts": {"S3ModelArtifacts": f"s3://{bucket}/{home}/model.tar.gz"}}


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

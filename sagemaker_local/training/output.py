"""What a training job leaves behind: model.tar.gz and output.tar.gz in S3."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.archive import ArchiveError, pack
from sagemaker_local.jobs.folder_sync import FolderSync
from sagemaker_local.links import resolved
from sagemaker_local.s3_uri import S3UriError, split_uri
from sagemaker_local.store import Document
from sagemaker_local.wording import in_words

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


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
                FolderSync(s3, f"{output_home(job)}/{name}", merged, opt_mls[0], follows_links=True).push()
            elif pack(merged, scratch, opt_mls[0]) or name == "model":
                bucket, home = split_uri(output_home(job))
                s3.upload_file(str(scratch), bucket, f"{home}/{name}.tar.gz")
    except ArchiveError as error:
        raise UploadError(f"Artifact upload failed:{error}") from error
    except (BotoCoreError, Boto3Error, ClientError, S3UriError, OSError) as error:
        raise UploadError(f"Artifact upload failed:{in_words(error)}") from error


def _merged(opt_mls: list[Path], folder: str) -> Path:
    """The folder of the first host, with the files of all hosts in it. Raises UploadError."""
    first, *others = (_real(opt_ml, folder) for opt_ml in opt_mls)
    for other in others:
        _merge(other, first)
    return first


def _real(opt_ml: Path, folder: str) -> Path:
    """Where the container put it: a link in the folder's place is followed within /opt/ml."""
    path = opt_ml / folder
    if not path.is_symlink():
        path.mkdir(parents=True, exist_ok=True)
    found = resolved(opt_ml, path)
    if found is None or not found.is_dir():
        raise UploadError(
            f"Artifact upload failed:/opt/ml/{folder} leads out of /opt/ml, or is no folder, and what is not below "
            "/opt/ml ends with the container. Write into the folder itself."
        )
    return found


def _merge(source: Path, target: Path) -> None:
    """Another host's files and links join the first one's; where names clash the first one wins."""
    for path in sorted(source.rglob("*")):
        destination = target / path.relative_to(source)
        if (path.is_symlink() or path.is_file()) and not (destination.exists() or destination.is_symlink()):
            destination.parent.mkdir(parents=True, exist_ok=True)
            path.rename(destination)

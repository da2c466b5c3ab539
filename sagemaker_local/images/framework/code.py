"""Where the user's serving code is: beside the model, or in an archive on S3."""

import importlib
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from sagemaker_local.archive import unpack
from sagemaker_local.images import layout


class CodeError(Exception):
    """The user's code cannot be served; the text says what was looked for and what to set."""


def load_module(default_program: str | None) -> ModuleType:
    """The module SAGEMAKER_PROGRAM of SAGEMAKER_SUBMIT_DIRECTORY, imported. Raises CodeError."""
    program = os.environ.get("SAGEMAKER_PROGRAM") or default_program
    if not program:
        raise CodeError(
            "SAGEMAKER_PROGRAM is not set: name the script with model_fn in the model's Environment"
        )
    folder = _folder(os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", ""))
    if not (folder / program).is_file():
        raise CodeError(
            f"{folder} has no {program}: pack it into model.tar.gz as code/{program}, or set SAGEMAKER_PROGRAM and "
            "SAGEMAKER_SUBMIT_DIRECTORY in the model's Environment"
        )
    sys.path.insert(0, str(folder))
    return importlib.import_module(Path(program).stem)


def _folder(submitted: str) -> Path:
    if submitted.startswith("s3://"):
        return _download(submitted)
    place = submitted.removeprefix("file://")
    model_code = layout.base() / "model" / "code"
    if not place:
        return model_code
    # Written for a container of its own: /opt/ml may be elsewhere here.
    return layout.base() / Path(place).relative_to("/opt/ml") if place.startswith("/opt/ml/") else Path(place)


def _download(uri: str) -> Path:
    import boto3

    parts = urlsplit(uri)
    folder = layout.base() / "code"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(suffix=".tar.gz") as archive:
        boto3.client("s3").download_fileobj(parts.netloc, parts.path.lstrip("/"), archive)
        archive.flush()
        unpack(Path(archive.name), folder)
    return folder

"""What CreateProcessingJob refuses: what AWS refuses, and what is not done here."""

from __future__ import annotations

from pathlib import PurePosixPath

from sagemaker_local.control import quota
from sagemaker_local.control.context import Context, Request
from sagemaker_local.registries import check_region
from sagemaker_local.runtime.backend import UnknownImageError
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation
from sagemaker_local.wire.repeated import repeated

HOME = PurePosixPath("/opt/ml/processing")


def check_request(context: Context, request: Request) -> None:
    """Raise the ServiceError of the first thing that is wrong."""
    _check_resources(context, request["ProcessingResources"]["ClusterConfig"])
    _check_image(context, request["AppSpecification"]["ImageUri"])
    inputs = request.get("ProcessingInputs", [])
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    for each in inputs:
        _check_input(each)
    for each in outputs:
        _check_output(each)
    _check_places(inputs)
    _check_names("input", [each["InputName"] for each in inputs])
    _check_names("output", [each["OutputName"] for each in outputs])


def _check_resources(context: Context, cluster: Document) -> None:
    if "InstancePreferences" in cluster:
        raise validation(
            "The local SageMaker does not implement InstancePreferences of processing jobs; give an InstanceType."
        )
    if "InstanceType" not in cluster or "InstanceCount" not in cluster:
        raise validation("ClusterConfig needs InstanceType and InstanceCount.")
    quota.check_job(context, "processing", cluster["InstanceType"], cluster["InstanceCount"])


def _check_image(context: Context, image: str) -> None:
    check_region(image, context.settings.region)
    try:
        context.backend.check(image)
    except UnknownImageError as error:
        raise validation(f"Cannot find image {image}. {error}") from error


def _check_input(given: Document) -> None:
    name = given["InputName"]
    source = given.get("S3Input")
    if source is None or "DatasetDefinition" in given:
        raise validation(f"Processing input {name}: the local SageMaker reads S3Input only.")
    if source.get("S3InputMode", "File") != "File":
        raise validation(f"Processing input {name}: S3InputMode Pipe is not implemented; use File.")
    if source.get("S3CompressionType", "None") != "None":
        raise validation(f"Processing input {name}: S3CompressionType Gzip is for S3InputMode Pipe alone.")
    _check_path(f"input {name}", given, source)


def _check_output(wanted: Document) -> None:
    name = wanted["OutputName"]
    target = wanted.get("S3Output")
    if target is None or "FeatureStoreOutput" in wanted:
        raise validation(f"Processing output {name}: the local SageMaker writes S3Output only.")
    _check_path(f"output {name}", wanted, target)


def _check_path(what: str, holder: Document, place: Document) -> None:
    """ "LocalPath is an absolute path and must begin with /opt/ml/processing/"."""
    if holder.get("AppManaged"):
        return
    if "LocalPath" not in place:
        raise validation(f"Processing {what}: LocalPath is required unless AppManaged is true.")
    path = PurePosixPath(place["LocalPath"])
    if not path.is_relative_to(HOME) or path == HOME or ".." in path.parts or "\0" in str(path):
        raise validation(f"Processing {what}: LocalPath must begin with {HOME}/; found {place['LocalPath']}.")


def _check_names(what: str, names: list[str]) -> None:
    twice = repeated(names)
    if twice:
        raise validation(f"Processing {what} names must be unique within a job: {twice[0]} is not.")


def _check_places(inputs: list[Document]) -> None:
    """ "each input should have the destination location unique" (AWS's support, aws/sagemaker-python-sdk#4939)."""
    places: dict[PurePosixPath, str] = {}
    for each in inputs:
        if each.get("AppManaged"):
            continue
        name, path = each["InputName"], PurePosixPath(each["S3Input"]["LocalPath"])
        if path in places:
            raise validation(f"Processing inputs {places[path]} and {name} have the same LocalPath {path}.")
        places[path] = name

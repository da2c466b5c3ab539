"""What a request is to read from S3 has to be there when the request is made, or it is refused.

Seen of AWS: "Could not find model data at s3://..." of CreateModel (aws-step-functions-data-science-sdk-python#61), and
"No S3 objects found under S3 URL" of CreateTrainingJob and CreateTransformJob (amazon-sagemaker-examples#2489, #2414).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sagemaker_local.hosting.models import model_data_uri
from sagemaker_local.s3_uri import S3UriError, split_uri
from sagemaker_local.wire.errors import ServiceError, validation

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Request = dict[str, Any]
_ABSENT = ("404", "403", "NoSuchKey", "NoSuchBucket", "NotFound", "AccessDenied")


def absent(s3: S3Client, operation: str, request: Request, region: str) -> ServiceError | None:
    """The refusal for the first place where nothing is. The errors of an S3 that is out of reach pass through."""
    models = _MODELS[operation](request) if operation in _MODELS else ()
    inputs = _INPUTS[operation](request) if operation in _INPUTS else ()
    said = chain(
        (_of_model_data(s3, container) for container in models),
        (_of_input(s3, source, role, region) for role, source in inputs),
    )
    return next((validation(text) for text in said if text), None)


def _of_model_data(s3: S3Client, container: Request) -> str:
    uri = model_data_uri(container)
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    look = _has_objects if source.get("S3DataType") == "S3Prefix" else _has_object
    return f"Could not find model data at {uri}." if uri and not _found(look, s3, uri) else ""


def _of_input(s3: S3Client, source: Request, role: str, region: str) -> str:
    """Of prefixes alone: what a manifest names is read by the job."""
    uri = source.get("S3Uri", "")
    if source.get("S3DataType") != "S3Prefix" or _found(_has_objects, s3, uri):
        return ""
    of_whom = f'the role "{role}"' if role else "the role of the model"
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists '
        f"in the selected region ({region}), that objects exist under that S3 prefix, and that {of_whom} has "
        f'"s3:ListBucket" permissions on bucket "{split_uri(uri)[0]}".'
    )


def _found(look: Callable[[S3Client, str, str], bool], s3: S3Client, uri: str) -> bool:
    """True for what is no place in S3, too: the operation says so itself."""
    try:
        return look(s3, *split_uri(uri))
    except S3UriError:
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return False
        raise


def _has_object(s3: S3Client, bucket: str, key: str) -> bool:
    s3.head_object(Bucket=bucket, Key=key)
    return True


def _has_objects(s3: S3Client, bucket: str, prefix: str) -> bool:
    return bool(s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("Contents"))


def _containers(request: Request) -> Iterator[Request]:
    yield from [request.get("PrimaryContainer") or {}, *(request.get("Containers") or [])]


def _channels(request: Request) -> Iterator[tuple[str, Request]]:
    for channel in request.get("InputDataConfig") or []:
        yield str(request.get("RoleArn", "")), channel["DataSource"].get("S3DataSource") or {}


def _tuned(request: Request) -> Iterator[tuple[str, Request]]:
    for definition in [
        request.get("TrainingJobDefinition") or {},
        *(request.get("TrainingJobDefinitions") or []),
    ]:
        yield from _channels(definition)


def _transformed(request: Request) -> Iterator[tuple[str, Request]]:
    yield "", request["TransformInput"]["DataSource"]["S3DataSource"]


_MODELS = {"CreateModel": _containers}
_INPUTS: Mapping[str, Callable[[Request], Iterator[tuple[str, Request]]]] = {
    "CreateTrainingJob": _channels,
    "CreateHyperParameterTuningJob": _tuned,
    "CreateTransformJob": _transformed,
}
# Operations whose requests name places that are read.
READING = frozenset(_MODELS) | frozenset(_INPUTS)

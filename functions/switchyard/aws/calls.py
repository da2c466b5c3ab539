"""How SageMaker's refusals are read: there is no client token on its calls, so a deterministic name, and "it already
exists" taken as success, is what makes them safe to repeat.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from switchyard.core.errors import BusyError, ResourceLimitError, TransientError

Description = Mapping[str, Any] | None

EXISTS = ("ResourceInUse", "already exist", "Cannot create already existing", "must be unique")
MISSING = ("Could not find", "Requested resource not found", "does not exist", "RecordNotFound", "can't find")
FULL = "ResourceLimitExceeded"
PAGES: Any = {"PageSize": 100}  # SageMaker's own default is 10, and each page is a call
BUSY = ("Cannot update in-progress", "in-progress")


def says(error: ClientError, words: Sequence[str]) -> bool:
    text = f"{error.response['Error']['Code']} {error.response['Error']['Message']}"
    return any(word in text for word in words)


def or_none(describe: Callable[[], Any]) -> Description:
    """The description, or None when there is no such resource."""
    try:
        found: Mapping[str, Any] = describe()
        return found
    except ClientError as error:
        if says(error, MISSING):
            return None
        raise


def ignoring(words: Sequence[str], call: Callable[[], Any]) -> None:
    try:
        call()
    except ClientError as error:
        if not says(error, words):
            raise


def create(call: Callable[[], Any]) -> None:
    """A second writer of the same run may have been faster: the name says that it made the same thing.

    ResourceLimitError where an account has no room for one more; TransientError where what it refers to is not there
    yet.
    """
    ignoring(EXISTS, lambda: accepted(call))


def create_seen(call: Callable[[], Any], describe: Callable[[], Any]) -> None:
    """`create` of what others refer to at once: "we recommend that customers call DescribeEndpointConfig before calling
    CreateEndpoint to minimize the potential impact of a DynamoDB eventually consistent read" (CreateEndpoint).
    """
    create(call)
    if or_none(describe) is None:
        raise TransientError("it was created, and is not to be seen yet; tried again")


def busy(call: Callable[[], Any]) -> None:
    """BusyError when the resource is in the middle of a change; ResourceLimitError where there is no room for it."""
    try:
        accepted(call)
    except ClientError as error:
        if says(error, BUSY):
            raise BusyError(error.response["Error"]["Message"]) from error
        raise


def accepted(call: Callable[[], Any]) -> Any:
    """ "If the dependent entities are not yet in DynamoDB, this causes a validation error ... retry logic is
    recommended" (CreateEndpoint, CreateEndpointConfig).
    """
    try:
        return call()
    except ClientError as error:
        said = error.response["Error"]["Message"]
        if error.response["Error"]["Code"] == FULL:
            raise ResourceLimitError(said) from error
        if says(error, MISSING):
            raise TransientError(f"{said} If it stays away, sweep, then drop the dataset again.") from error
        raise


def agrees(found: Any, sent: Any) -> bool:
    """Whether a description says what was sent; what SageMaker adds by itself (an empty KmsKeyId, defaults) is no
    difference.
    """
    if isinstance(sent, Mapping):
        return isinstance(found, Mapping) and all(agrees(found.get(key), sent[key]) for key in sent)
    if isinstance(sent, (list, tuple)):
        same_length = isinstance(found, (list, tuple)) and len(found) == len(sent)
        return same_length and all(map(agrees, found, sent))
    return bool(found == sent)

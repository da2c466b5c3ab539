"""How SageMaker's refusals are read: there is no client token on its calls, so a deterministic name, and "it already
exists" taken as success, is what makes them safe to repeat.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from switchyard.core.errors import BusyError, ResourceLimitError

Description = Mapping[str, Any] | None

EXISTS = ("ResourceInUse", "already exist", "Cannot create already existing", "must be unique")
MISSING = ("Could not find", "Requested resource not found", "does not exist", "RecordNotFound", "can't find")
FULL = "ResourceLimitExceeded"
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

    ResourceLimitError where an account has no room for one more.
    """
    ignoring(EXISTS, lambda: _in_limits(call))


def busy(call: Callable[[], Any]) -> None:
    """BusyError when the resource is in the middle of a change; ResourceLimitError where there is no room for it."""
    try:
        _in_limits(call)
    except ClientError as error:
        if says(error, BUSY):
            raise BusyError(error.response["Error"]["Message"]) from error
        raise


def _in_limits(call: Callable[[], Any]) -> None:
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] == FULL:
            raise ResourceLimitError(error.response["Error"]["Message"]) from error
        raise

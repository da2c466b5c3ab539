"""Errors of S3 and of this machine in words that may stand in a FailureReason: no path, no call of ours.

AWS writes S3's own words there: `AccessDenied (403): Access Denied`.
"""

from __future__ import annotations

import errno
import os

from botocore.exceptions import ClientError

_MACHINE = {
    errno.ENAMETOOLONG: "a file name is too long: it can have 255 bytes, and a path 4096",
    errno.ENOTDIR: "one name stands for both a file and a folder",
    errno.EISDIR: "one name stands for both a file and a folder",
    errno.EEXIST: "one name stands for both a file and a folder",
    errno.ENOSPC: "no space is left on the volume",
    errno.ENOENT: "a file or folder is missing, or was removed meanwhile",
    errno.EACCES: "a file or folder may not be read or written",
    errno.EPERM: "a file or folder may not be read or written",
}


def in_words(error: BaseException) -> str:
    """What went wrong, for whoever asked for the job or the endpoint."""
    if isinstance(error, ClientError):
        return _of_service(error)
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ClientError):  # boto3's transfers wrap it, and name the local file
        return _of_service(cause)
    if type(error).__module__.startswith("sagemaker_local."):  # our own speak to the caller already
        return str(error)
    if isinstance(error, OSError):
        return _of_machine(error)
    return f"the service could not be reached or broke off ({type(error).__name__})"


def _of_service(error: ClientError) -> str:
    """`NoSuchBucket (404): The specified bucket does not exist`; HEAD answers have a status alone."""
    found = error.response.get("Error", {})
    status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    code, message = str(found.get("Code", "")), str(found.get("Message", ""))
    if code == status or not status:
        return f"{message or 'the request was refused'} ({code or 'no code'})"
    return f"{code} ({status}): {message}"


def _of_machine(error: OSError) -> str:
    number = error.errno
    return _MACHINE.get(number or 0) or (os.strerror(number) if number else "the file cannot be used")

"""No error of Python's or botocore's reaches a caller in its own words."""

from __future__ import annotations

import ast
import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

import sagemaker_local
from sagemaker_local.wording import in_words

HOME = Path(sagemaker_local.__file__).parent
FOREIGN = {
    "OSError",
    "ClientError",
    "BotoCoreError",
    "Boto3Error",
    "Exception",
    "FileNotFoundError",
}
# These speak to whoever starts the plane, or into a log; and what runs in the container is not the plane.
TO_THE_OPERATOR = {
    "__main__.py",
    "runtime/launch.py",
    "runtime/isolation.py",
    "runtime/docker.py",
    "access/keys.py",
    "fault_rules.py",
}


@given(st.sampled_from(sorted(errno.errorcode)))
def test_errors_of_the_machine_name_no_file(number: int) -> None:
    said = in_words(OSError(number, "strerror", "/home/me/data/plane/jobs/x"))
    assert said
    assert "/home" not in said
    assert "Errno" not in said


@pytest.mark.parametrize(
    ("code", "words"),
    [("NoSuchKey", "NoSuchKey (404): gone"), ("404", "gone (404)")],
)
def test_errors_of_a_service_are_told_in_its_words_also_inside_boto3s(code: str, words: str) -> None:
    answer = {"Error": {"Code": code, "Message": "gone"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
    error = ClientError(answer, "GetObject")  # type: ignore[arg-type]  # part of an answer
    assert in_words(error) == words
    wrapped = S3UploadFailedError("Failed to upload /home/me/x to b/k: An error occurred")
    wrapped.__context__ = error  # raised while it was handled
    assert in_words(wrapped) == words


def test_a_service_that_cannot_be_reached_is_told_without_its_address() -> None:
    assert "http" not in in_words(EndpointConnectionError(endpoint_url="http://127.0.0.1:4566"))


def handlers() -> Iterator[tuple[str, ast.ExceptHandler]]:
    for file in sorted(HOME.rglob("*.py")):
        place = file.relative_to(HOME).as_posix()
        if place in TO_THE_OPERATOR or place.startswith("images/"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.ExceptHandler)
                and node.name
                and node.type
                and _caught(node.type) & FOREIGN
            ):
                yield f"{place}:{node.lineno}", node


def _caught(kind: ast.expr) -> set[str]:
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return {part.id for part in parts if isinstance(part, ast.Name)}


def test_every_handler_of_foreign_errors_puts_them_into_words() -> None:
    """An f-string or str() of the error itself would let paths and calls of ours into a FailureReason."""
    found = list(handlers())
    assert len(found) > 10
    assert [where for where, handler in found if any(map(_told_raw(handler), ast.walk(handler)))] == []


def _told_raw(handler: ast.ExceptHandler) -> Callable[[ast.AST], bool]:
    def told(node: ast.AST) -> bool:
        inner = node.value if isinstance(node, ast.FormattedValue) else None
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "str"
            and node.args
        ):
            inner = node.args[0]
        return isinstance(inner, ast.Name) and inner.id == handler.name

    return told

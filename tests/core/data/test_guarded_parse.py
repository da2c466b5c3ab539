"""Whatever a parser raises, it becomes a refusal that says where, in words; errors of AWS go on as they are."""

import csv
import json

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.data.guarded_parse import RAISED, outside
from switchyard.core.errors import InvalidDatasetError, InvalidPipelineError
from switchyard.core.ledger.records import sort_key
from switchyard.core.ports import Item

NAMES = (
    [name for name in dir(__builtins__) if name.endswith("Error")]
    if not isinstance(__builtins__, dict)
    else []
)


def refused(error: BaseException) -> str:
    with pytest.raises(InvalidDatasetError) as told, outside("s3://data/x.csv"):
        raise error
    return str(told.value)


@pytest.mark.parametrize(
    "error",
    [
        RecursionError("maximum recursion depth exceeded"),
        MemoryError(),
        OverflowError("int too large to convert to float"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        json.JSONDecodeError("Expecting value", "[", 1),
        csv.Error("field larger than field limit"),
        KeyError("files"),
        TypeError("list indices must be integers"),
        ValueError("month must be in 1..12"),
        AttributeError("'int' object has no attribute 'get'"),
        ZeroDivisionError("division by zero"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_parser_raises_is_told_with_its_place_and_without_the_name_of_a_class(
    error: BaseException,
) -> None:
    said = refused(error)
    assert said.startswith("s3://data/x.csv: ")
    assert type(error).__name__ not in said
    assert len(said) > len("s3://data/x.csv: ") + 10


def test_the_refusal_is_of_the_kind_that_was_asked_for() -> None:
    with pytest.raises(InvalidPipelineError, match="nested too deeply"), outside("p", InvalidPipelineError):
        raise RecursionError


def test_an_error_of_aws_is_none_of_the_uploaders() -> None:
    throttled = ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "GetObject")
    with pytest.raises(ClientError), outside("x"):
        raise throttled
    assert not issubclass(OSError, RAISED)


@given(st.text(max_size=1200), st.text(max_size=1200))
def test_sort_keys_are_short_enough_and_tell_long_names_apart(first: str, second: str) -> None:
    keys = [sort_key("UPLOAD#", name.encode(errors="ignore").decode()) for name in (first, second)]
    assert max(len(key.encode()) for key in keys) <= 1024
    assert (keys[0] == keys[1]) == (first.encode(errors="ignore") == second.encode(errors="ignore"))


def test_a_key_that_fits_is_written_as_it_always_was() -> None:
    item: Item = {"sk": sort_key("UPLOAD#", "digits/train/v1.csv#1")}
    assert item == {"sk": "UPLOAD#digits/train/v1.csv#1"}

"""What is read of a captured request, in every encoding, and what is left alone."""

import json
import math
from base64 import b64encode

import pytest

from switchyard.core.resources.captured import begins, decided, hours, read_inputs, read_prediction

ABOUT = {"eventId": "e", "inferenceId": "i", "inferenceTime": "2027-01-15T08:00:10Z"}


def record(data: str, encoding: str = "CSV", about: object = ABOUT, side: str = "endpointOutput") -> str:
    payload = {"observedContentType": "text/csv", "data": data, "encoding": encoding}
    return json.dumps({"captureData": {side: payload}, "eventMetadata": about, "eventVersion": "0"})


@pytest.mark.parametrize(
    ("data", "encoding", "answer"),
    [
        ("0.25", "CSV", (0.25,)),
        ("0.25,0.75\n", "CSV", (0.25, 0.75)),
        ('{"predictions": [0.25]}', "JSON", (0.25,)),
        ('{"predictions": [[0.25, 0.75]]}', "JSON", (0.25, 0.75)),
        (b64encode(b"0.25").decode(), "BASE64", (0.25,)),
        ("[0.1, 0.7, 0.2]", "CSV", (0.1, 0.7, 0.2)),
        ('{"predictions":[{"score":0.83}]}', "JSON", (0.83,)),
        ('{"score":0.83}', "JSON", (0.83,)),
    ],
)
def test_one_rows_answer(data: str, encoding: str, answer: tuple[float, ...]) -> None:
    found = read_prediction(record(data, encoding))
    assert found is not None
    assert (found.identity, found.at, found.answer) == ("i", 1_800_000_010.0, answer)


@pytest.mark.parametrize(
    ("given", "encoding", "answer", "is_one"),
    [
        ("1,2\n", "CSV", "0.1,0.9", True),
        ("1,2\n3,4\n", "CSV", "0.1,0.9", False),
        ("[[1, 2]]", "JSON", "[0.1, 0.9]", True),
        ("[[1, 2], [3, 4]]", "JSON", "[0.1, 0.9]", False),
        ("[1, 2]", "JSON", "[0.1, 0.9]", True),
        ('{"instances": [[1, 2], [3, 4]]}', "JSON", "[0.1, 0.9]", False),
        ('{"instances": [[1, 2]]}', "JSON", "[0.1, 0.9]", True),
    ],
)
def test_an_answer_to_several_rows_is_no_answer_to_one(
    given: str, encoding: str, answer: str, is_one: bool
) -> None:
    line = json.loads(record(answer))
    line["captureData"]["endpointInput"] = {"data": given, "encoding": encoding}
    assert (read_prediction(json.dumps(line)) is not None) == is_one


@pytest.mark.parametrize("kind", ["image/png", "audio/wav", "text/plain; charset=utf-8", "application/pdf"])
def test_a_request_of_an_object_is_about_one_record_whatever_its_bytes(kind: str) -> None:
    line = json.loads(record("[0.1, 0.9]"))
    data = b64encode(b"\x89PNG\r\n\x1a\n\xff\n[2]\n").decode()
    line["captureData"]["endpointInput"] = {"observedContentType": kind, "data": data, "encoding": "BASE64"}
    assert read_prediction(json.dumps(line)) is not None


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ('"a\nb",2\n', [["a\nb", "2"]]),
        ('"a ""b""\r\n\r\nc",2', [['a "b"\r\n\r\nc', "2"]]),
        ("a\u2028b,2\n", [["a\u2028b", "2"]]),
        ("a\x85b\x0cc\x1cd,2", [["a\x85b\x0cc\x1cd", "2"]]),
        ("1,2\r3,4\r", [["1", "2"], ["3", "4"]]),
        ('"a\nb",2\r\n"c",3\r\n', [["a\nb", "2"], ["c", "3"]]),
        ("x" * 200_000 + ",2\n", []),
    ],
)
def test_a_row_ends_at_a_line_end_that_stands_in_no_field(data: str, rows: list[list[str]]) -> None:
    """Not at U+2028 and its like, nor in quotes; a field that is longer than the reader takes stops nobody."""
    assert read_inputs(record(data, side="endpointInput")) == rows
    line = json.loads(record("0.7"))
    line["captureData"]["endpointInput"] = {"data": data, "encoding": "CSV"}
    assert (read_prediction(json.dumps(line)) is not None) == (len(rows) < 2)


def test_without_an_inference_id_the_event_id_is_it() -> None:
    found = read_prediction(record("1", about={"eventId": "e", "inferenceTime": ABOUT["inferenceTime"]}))
    assert found is not None
    assert found.identity == "e"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        record("0.1\n0.2"),
        record(""),
        record("yes"),
        record("[" * 9_000, "JSON"),
        record("%%%", "BASE64"),
        "[" * 9_000,
        record('{"predictions": []}', "JSON"),
        record("1", about={**ABOUT, "inferenceId": "a\tb"}),
        record("1", about={"eventId": "e"}),
    ],
)
def test_what_no_label_can_be_joined_with_is_nothing(line: str) -> None:
    assert read_prediction(line) is None


def test_the_rows_of_a_csv_request() -> None:
    assert read_inputs(record("1,2\n3,4\n", side="endpointInput")) == [["1", "2"], ["3", "4"]]
    assert read_inputs(record("[[1,2]]", "JSON", side="endpointInput")) == []
    assert read_inputs(record("1,2")) == []


@pytest.mark.parametrize(
    ("answer", "is_classes", "said"),
    [
        ((0.2, 0.7, 0.1), True, 1.0),
        ((0.4,), True, 0.0),
        ((0.5,), True, 1.0),
        ((3.0,), True, 3.0),
        ((0.4,), False, 0.4),
        ((math.nan,), False, math.inf),
        ((math.nan,), True, math.inf),
        ((-math.inf,), False, math.inf),
        ((math.nan, 0.1, 0.7), True, math.inf),
        ((0.1, math.inf, 0.7), True, math.inf),
    ],
)
def test_what_a_model_has_decided(answer: tuple[float, ...], is_classes: bool, said: float) -> None:
    assert decided(answer, is_classes) == said


def test_the_hours_that_a_window_touches() -> None:
    assert list(hours(1_800_000_000.0, 1_800_003_600.0)) == ["2027/01/15/08"]
    assert list(hours(1_800_003_599.0, 1_800_003_601.0)) == ["2027/01/15/08", "2027/01/15/09"]


def test_when_a_capture_file_begins() -> None:
    assert begins("m/capture/e/v/2027/01/15/08/00-10-123-abc.jsonl") == 1_800_000_010.0
    assert begins("m/capture/e/v/other.jsonl") == 0.0

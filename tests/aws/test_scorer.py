"""What endpoints answer in text/csv becomes numbers."""

from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from switchyard.aws.scorer import EndpointScorer
from switchyard.core.errors import JobFailedError


def scorer(text: str) -> Any:
    def invoke_endpoint(**_: object) -> dict[str, Any]:
        return {"Body": BytesIO(text.encode())}

    return EndpointScorer(SimpleNamespace(invoke_endpoint=invoke_endpoint))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("0.25\n0.5\n", [(0.25,), (0.5,)]),
        ("0.25,0.75\n0.5,0.5", [(0.25, 0.75), (0.5, 0.5)]),
        ("[0.25, 0.75]\n[0.5, 0.5]\n", [(0.25, 0.75), (0.5, 0.5)]),  # SageMaker's built-in XGBoost
    ],
)
def test_a_line_is_a_row_of_numbers(text: str, rows: list[tuple[float, ...]]) -> None:
    assert scorer(text).predict("churn", "champion", ["1,2", "3,4"]) == rows


def test_anything_else_fails_the_job() -> None:
    with pytest.raises(JobFailedError, match="champion"):
        scorer("<html>").predict("churn", "champion", ["1,2"])


def test_a_record_is_asked_for_as_it_is_and_has_one_answer() -> None:
    asked: list[dict[str, Any]] = []

    def invoke_endpoint(**request: Any) -> dict[str, Any]:
        asked.append(request)
        return {"Body": BytesIO(b"[[0.25, 0.75]]")}

    own: Any = EndpointScorer(SimpleNamespace(invoke_endpoint=invoke_endpoint))  # type: ignore[arg-type]
    assert own.predict_record("pets", "champion", b"\x89PNG", "image/png") == (0.25, 0.75)
    [request] = asked
    assert (request["Body"], request["ContentType"]) == (b"\x89PNG", "image/png")


def test_two_answers_to_one_record_fail_the_job() -> None:
    with pytest.raises(JobFailedError, match="2 predictions for one record"):
        scorer("0.1\n0.2\n").predict_record("pets", "champion", b"x", "image/png")

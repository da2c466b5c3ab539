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

"""One tuple a row, from whatever shape a model server gives its CSV."""

import pytest

from switchyard.core.resources.predictions import parse


@pytest.mark.parametrize(
    ("text", "rows", "expected"),
    [
        pytest.param("0.1\n0.9\n", 2, [(0.1,), (0.9,)], id="a line a row"),
        pytest.param("0.1,0.9\n0.8,0.2\n", 2, [(0.1, 0.9), (0.8, 0.2)], id="probabilities, a line a row"),
        pytest.param("0.1,0.9", 2, [(0.1,), (0.9,)], id="SageMaker's XGBoost: rows on one line"),
        pytest.param("[0.1, 0.9],[0.8, 0.2]", 2, [(0.1, 0.9), (0.8, 0.2)], id="its classes"),
        pytest.param("[0.1, 0.9]\n[0.8, 0.2]\n", 2, [(0.1, 0.9), (0.8, 0.2)], id="its classes in a batch"),
        pytest.param("0.1,0.9", 1, [(0.1, 0.9)], id="one row of probabilities"),
        pytest.param("[0.1, 0.9]", 1, [(0.1, 0.9)], id="one row of its classes"),
        pytest.param("3e-05", 1, [(3e-05,)], id="one number"),
        pytest.param("", 0, [], id="nothing"),
    ],
)
def test_parse(text: str, rows: int, expected: list[tuple[float, ...]]) -> None:
    assert parse(text, rows) == expected


@pytest.mark.parametrize("text", ["benign", "0.1;0.9", "<html>", "[[[1]]]", '{"a": 1}'])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        parse(text, 1)

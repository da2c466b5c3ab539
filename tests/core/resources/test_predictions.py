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
        pytest.param("[0.1, 0.7, 0.2]", 1, [(0.1, 0.7, 0.2)], id="XGBoost's softprob"),
        pytest.param('{"predictions":[{"score":0.83}]}', 1, [(0.83,)], id="the algorithms' JSON"),
        pytest.param(
            '{"predictions": [{"score": 0.2}, {"score": 0.8}]}', 2, [(0.2,), (0.8,)], id="JSON of two rows"
        ),
        pytest.param('{"predictions":[{"score":[0.1,0.9]}]}', 1, [(0.1, 0.9)], id="JSON of classes"),
        pytest.param(
            '{"predictions": [{"score": 0.3, "predicted_label": 0}]}', 1, [(0.3,)], id="Linear Learner's JSON"
        ),
        pytest.param('{"score":0.83}', 1, [(0.83,)], id="a JSON line"),
        pytest.param('{"score":0.2}\n{"score":0.8}\n', 2, [(0.2,), (0.8,)], id="JSON lines"),
        pytest.param("[[0.1, 0.9], [0.8, 0.2]]", 2, [(0.1, 0.9), (0.8, 0.2)], id="a list of lists"),
        pytest.param("[[0.1, 0.9]]", 1, [(0.1, 0.9)], id="a list of one list"),
        pytest.param("[0.1, 0.9]", 2, [(0.1,), (0.9,)], id="a list of numbers"),
        pytest.param("[0.1]", 1, [(0.1,)], id="a list of one number"),
        pytest.param('{\n "predictions": [[0.25, 0.75]]\n}', 1, [(0.25, 0.75)], id="JSON of many lines"),
        pytest.param("3e-05", 1, [(3e-05,)], id="one number"),
        pytest.param("", 0, [], id="nothing"),
    ],
)
def test_parse(text: str, rows: int, expected: list[tuple[float, ...]]) -> None:
    assert parse(text, rows) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nan", ["nan"]),
        ("NaN\n-inf\n", ["nan", "-inf"]),
        ("0.1,nan\n-Infinity,INF\n", ["0.1", "nan", "-inf", "inf"]),
        ('{"predictions": [NaN, -Infinity]}', ["nan", "-inf"]),
    ],
)
def test_numbers_that_are_not_finite_are_numbers(text: str, shown: list[str]) -> None:
    assert [str(each) for row in parse(text, 2) for each in row] == shown


@pytest.mark.parametrize(
    "text",
    [
        "benign",
        "nancy",
        "info",
        "0.1.nan",
        "0.1;0.9",
        "<html>",
        "[[[1]]]",
        '{"a": 1}',
        '{"predictions": 1}',
        "[" * 9_000,
        "[" + "9" * 400 + "]",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not numbers"):
        parse(text, 1)

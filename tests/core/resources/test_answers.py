"""Answers in a form that `response` states: the one path by which each row has its numbers, or which row has none."""

import json
from typing import Any

import pytest

from switchyard.core.data.response import CLASS, NUMBER, SCORES, Response
from switchyard.core.resources.answers import USUAL, ExpressionError, check_expression, reader_of
from switchyard.core.resources.captured import read_prediction

THREE = ("cat", "dog", "owl")
TWO = ("no", "yes")


def read(what: str, path: str, answer: Any, rows: int, classes: tuple[str, ...] = THREE) -> Any:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return reader_of(Response(what, path), classes).read(text, rows)


TENSORFLOW = {"predictions": [[0.1, 0.7, 0.2], [0.8, 0.1, 0.1]]}
HUGGING_FACE = [{"label": "dog", "score": 0.7}, {"label": "cat", "score": 0.8}]
TRITON = {"outputs": [{"name": "p", "shape": [2], "data": [0.25, 0.75]}]}
ROWS = {
    "rows": [
        {"p": {"scores": [0.1, 0.7, 0.2]}, "class": "dog"},
        {"p": {"scores": [0.8, 0.1, 0.1]}, "class": "cat"},
    ]
}


@pytest.mark.parametrize(
    ("what", "path", "answer", "classes", "expected"),
    [
        (SCORES, "predictions", TENSORFLOW, THREE, [(0.1, 0.7, 0.2), (0.8, 0.1, 0.1)]),
        (SCORES, "rows[].p.scores", ROWS, THREE, [(0.1, 0.7, 0.2), (0.8, 0.1, 0.1)]),
        (CLASS, "rows[*].class", ROWS, THREE, [(0, 1, 0), (1, 0, 0)]),
        (CLASS, "[].label", HUGGING_FACE, THREE, [(0, 1, 0), (1, 0, 0)]),
        (CLASS, "[].label", [{"label": "yes"}, {"label": "no"}], TWO, [(1,), (0,)]),
        (CLASS, "@", [1, 0], ("0", "1"), [(1,), (0,)]),
        (SCORES, "outputs[0].data", TRITON, TWO, [(0.25,), (0.75,)]),
        (SCORES, "p", {"p": [[0.25, 0.75], [0.9, 0.1]]}, TWO, [(0.75,), (0.1,)]),
        (NUMBER, "outputs[0].data", TRITON, (), [(0.25,), (0.75,)]),
        (NUMBER, "values | [0:2]", {"values": ["1.5", 2, 9]}, (), [(1.5,), (2.0,)]),
        (NUMBER, '"the answer".y', '{"the answer": {"y": 1}}\n{"the answer": {"y": 2}}\n', (), [(1.0,), (2.0,)]),
        (SCORES, "s", '{"s": [0.1, 0.7, 0.2]}\n{"s": [0.8, 0.1, 0.1]}', THREE, [(0.1, 0.7, 0.2), (0.8, 0.1, 0.1)]),
    ],
)  # fmt: skip
def test_each_row_has_what_its_path_says(
    what: str, path: str, answer: Any, classes: Any, expected: Any
) -> None:
    assert read(what, path, answer, 2, classes) == expected


@pytest.mark.parametrize(
    ("what", "path", "answer", "classes", "expected"),
    [
        (SCORES, "predictions", {"predictions": [[0.1, 0.7, 0.2]]}, THREE, (0.1, 0.7, 0.2)),
        (SCORES, "predictions[0]", {"predictions": [[0.1, 0.7, 0.2]]}, THREE, (0.1, 0.7, 0.2)),
        (SCORES, "p", {"p": 0.25}, TWO, (0.25,)),
        (CLASS, "label", {"label": "owl"}, THREE, (0, 0, 1)),
        (CLASS, "[].label", [{"label": "owl"}], THREE, (0, 0, 1)),
        (NUMBER, "value", {"value": 3}, (), (3.0,)),
    ],
)
def test_one_row_alone(what: str, path: str, answer: Any, classes: Any, expected: Any) -> None:
    assert read(what, path, answer, 1, classes) == [expected]


def test_documents_of_many_rows_one_after_the_other_are_what_transform_jobs_leave() -> None:
    text = '{"p": [0.1, 0.2]}\n{"p": [0.3]}\n'
    assert read(SCORES, "p", text, 3, TWO) == [(0.1,), (0.2,), (0.3,)]


@pytest.mark.parametrize(
    ("what", "path", "answer", "row"),
    [
        (SCORES, "rows[*].q", {"rows": [{"q": [1, 0, 0]}, {"q": "much"}]}, 2),
        (CLASS, "[].label", [{"label": "cat"}, {"label": "bird"}], 2),
        (NUMBER, "values", {"values": [1, [2, 3]]}, 2),
        (NUMBER, "value", {"other": 1}, 1),
        (SCORES, "p[]", {"p": [[], []]}, 0),
    ],
)
def test_an_answer_that_lacks_it_is_told_by_its_row(what: str, path: str, answer: Any, row: int) -> None:
    if not row:
        assert read(what, path, answer, 2) == []  # as many answers as there are: who asked counts them
        return
    with pytest.raises(ValueError, match=rf"^response.{what}: at .* the answer to row {row} has no {what}$"):
        read(what, path, answer, 2)


def test_what_is_no_json_is_told() -> None:
    with pytest.raises(ValueError, match="the answer is not JSON"):
        read(NUMBER, "value", "1\n2 or 3\n", 2, ())


def test_without_a_statement_answers_are_read_as_servers_give_them() -> None:
    assert reader_of(Response(), THREE) is USUAL


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("predictions[", "it is no JMESPath expression"),
        ("", "it is no JMESPath expression"),
        ("length(a)", "function expression is not read"),
        ("a[?b]", "filter projection is not read"),
        ("[a, b]", "multi select list is not read"),
        ("{x: a}", "multi select dict is not read"),
        ("a || b", "or expression is not read"),
        ("`[1]`", "literal is not read"),
        ("a." * 200 + "a", "401 characters; at most 256 are read"),
        ("|".join(["[@,@]"] * 40), "multi select list is not read"),
        ("(" * 120 + "a" + ")" * 120, ""),
    ],
)
def test_what_computes_is_refused(path: str, says: str) -> None:
    if not says:
        check_expression(path)
        return
    with pytest.raises(ExpressionError, match=says.replace("(", r"\(").replace("[", r"\[")):
        check_expression(path)


def test_the_longest_expression_adds_nothing_to_what_is_walked_through() -> None:
    path = "a" + "[]" * 127
    check_expression(path)
    assert read(NUMBER, path, {"a": [[1, [2]], 3]}, 3, ()) == [(1.0,), (2.0,), (3.0,)]


def test_a_captured_answer_is_read_by_it() -> None:
    record = {
        "captureData": {"endpointOutput": {"data": '{"rows": [{"class": "dog"}]}', "encoding": "JSON"}},
        "eventMetadata": {"inferenceId": "a", "inferenceTime": "2026-11-29T06:00:00Z"},
    }
    found = read_prediction(json.dumps(record), reader_of(Response(CLASS, "rows[].class"), THREE))
    assert found is not None
    assert found.answer == (0, 1, 0)
    assert read_prediction(json.dumps(record)) is None


def test_a_line_of_answers_ends_at_a_line_feed() -> None:
    text = '{"label": "a\u2028b", "p": 1}\r\n{"label": "\x85", "p": 2}\n'
    assert read(NUMBER, "p", text, 2) == [(1.0,), (2.0,)]

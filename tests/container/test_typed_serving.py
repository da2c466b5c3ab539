"""A model of typed columns, asked by CSV, JSON and JSON Lines."""

import json
import subprocess

import pytest

from tests.container.typed_rows import drawn, line, named, scores, values

PREDICT = """
import json, sys
from pathlib import Path
import numpy, xgboost
sys.path.insert(0, sys.argv[2])
from container.features.encoder import Encoder
from container.features.encoding import read_encoding
from container.numeric_csv import parse_fields
folder = Path(sys.argv[1])
encoding = read_encoding((folder / "encoding.json").read_bytes())
encoder = Encoder(encoding.contract.features, encoding.books())
encoded = encoder.encode(json.load(sys.stdin), parse_fields)
table = numpy.frombuffer(encoded.values, numpy.float32).reshape(-1, encoded.width)
booster = xgboost.Booster({"nthread": 1}, model_file=folder / "model.ubj")
matrix = xgboost.DMatrix(table, feature_types=booster.feature_types, enable_categorical=True)
json.dump(booster.predict(matrix).astype(float).tolist(), sys.stdout)
"""


def test_answers_are_bit_for_bit_those_of_the_booster(typed, container_python) -> None:
    command = [container_python, "-c", PREDICT, typed.job.base / "model", "."]
    given = json.dumps(typed.rows)
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    assert scores(typed.server.invoke(typed.body).text) == json.loads(done.stdout)


def test_the_model_learned_from_its_texts(typed) -> None:
    labels = [int(row[0]) for row in drawn(300, seed=8)]
    hits = sum(
        (score > 0.5) == bool(label)
        for score, label in zip(scores(typed.server.invoke(typed.body).text), labels, strict=True)
    )
    assert hits / len(labels) > 0.85


def test_one_row_gives_the_same_number_as_a_batch(typed) -> None:
    batch = scores(typed.server.invoke(typed.body).text)
    assert [scores(typed.server.invoke(line(row)).text)[0] for row in typed.rows[:60]] == batch[:60]


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("ISO-8859-1", "latin-1"),
        ('"windows-1252"', "cp1252"),
        ("UTF-16", "utf-16"),
        ("utf-16le", "utf-16-le"),
    ],
)
def test_a_body_is_read_by_the_charset_that_it_declares(typed, charset, codec) -> None:
    assert "études" in typed.body
    declared = f"text/csv; header=absent; charset={charset}"
    answer = typed.server.invoke(typed.body.encode(codec), content_type=declared)
    assert scores(answer.text) == scores(typed.server.invoke(typed.body).text)


@pytest.mark.parametrize(
    ("charset", "status", "said"),
    [
        ("utf-16", 400, "the body is not the text that its charset says, utf-16"),
        ("utf-7", 415, "charset utf-7 is not read: send UTF-8, UTF-16, ISO-8859-1 or Windows-1252"),
        ("of-nobody", 415, "charset of-nobody is not read: send UTF-8, UTF-16, ISO-8859-1 or Windows-1252"),
    ],
)
def test_a_body_of_another_charset_is_refused(typed, charset, status, said) -> None:
    response = typed.server.invoke("études,1", content_type=f"text/csv; charset={charset}")
    assert (response.status_code, response.text) == (status, said)


@pytest.mark.parametrize("form", [values, named])
def test_json_by_position_and_by_name_gives_the_same_numbers(typed, form) -> None:
    body = json.dumps({"instances": [form(row) for row in typed.rows]})
    response = typed.server.invoke(body, accept="application/json", content_type="application/json")
    assert response.json() == {"predictions": scores(typed.server.invoke(typed.body).text)}


def test_json_lines_in_and_out(typed) -> None:
    mixed = [named(row) if number % 2 else values(row) for number, row in enumerate(typed.rows)]
    body = "\n".join(map(json.dumps, mixed))
    response = typed.server.invoke(body, accept="application/jsonlines", content_type="application/jsonlines")
    assert response.headers["content-type"] == "application/jsonlines"
    answers = [json.loads(answer) for answer in response.text.splitlines()]
    assert answers == scores(typed.server.invoke(typed.body).text)


def test_names_may_come_in_any_order_and_be_left_out(typed) -> None:
    def ask(instance: dict[str, object]) -> str:
        return typed.server.invoke(
            json.dumps({"instances": [instance]}), content_type="application/json"
        ).text

    whole = ask({"age": 41, "job": "admin.", "member": True})
    assert ask({"member": 1, "job": "admin.", "age": 41}) == whole
    assert ask({"member": 1, "job": "admin.", "age": 41, "note": None, "city": ""}) == whole
    assert typed.server.invoke("41,admin.,1,,,\n").text == whole
    assert ask({}) == typed.server.invoke(",,,,,").text


def test_unknown_categories_are_missing_values(typed) -> None:
    missing = typed.server.invoke('41,,1,2020-01-01,"a, b",city-3').text
    assert typed.server.invoke("41,astronaut,1,2020-01-01,b a,city-3").text == missing
    assert typed.server.invoke("41,admin.,1,2020-01-01,b a,city-3").text != missing


def test_a_category_is_the_same_however_it_was_typed(typed) -> None:
    plain = typed.server.invoke("41,études,1,,,").text
    assert typed.server.invoke('41," e\u0301tudes ",1,,,').text == plain
    assert typed.server.invoke("41,ÉTUDES,1,,,").text != plain
    for unseen in ("\ufeff", "\u200b", "\u200e", "\u00a0"):
        assert typed.server.invoke(f"41,{unseen}études{unseen},1,,,").text == plain


def test_a_name_is_the_same_however_it_was_typed(typed) -> None:
    plain = typed.server.invoke("41,admin.,1,,,").text
    for each in (
        {"age ": 41, "\ufeffjob": "admin.", "member": 1},
        {"age": 41, " job": "admin.", "member\u200b": 1},
    ):
        body = json.dumps({"instances": [each]})
        assert typed.server.invoke(body, content_type="application/json").text == plain
    twice = typed.server.invoke('{"instances": [{"age": 41, "age ": 42}]}', content_type="application/json")
    assert (twice.status_code, "no feature is called 'age '" in twice.text) == (400, True)


def test_a_quote_may_stand_behind_blanks_as_in_data(typed) -> None:
    plain = typed.server.invoke('41,"blue, collar",1,,"great, late",city-3').text
    assert typed.server.invoke('41, "blue, collar", 1, ,  "great, late", "city-3"').text == plain


@pytest.mark.parametrize("nothing", ["NA", "n/a", "NaN", "null", "None", "?", " <NA> "])
def test_a_text_that_says_that_there_is_none_is_missing_as_in_data(typed, nothing) -> None:
    assert typed.server.invoke(f"41,{nothing},1,,{nothing},").text == typed.server.invoke("41,,1,,,").text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("41,admin.,1,,,", "text/csv"),
        ('{"instances": [{"age": 41, "job": "admin.", "member": true}]}', "application/json"),
        ('{"age": 41, "job": "admin.", "member": true}', "application/jsonlines"),
    ],
)
def test_a_mark_of_byte_order_before_a_body_is_no_part_of_it(typed, body, content_type) -> None:
    plain = typed.server.invoke(body, content_type=content_type)
    marked = typed.server.invoke(f"\ufeff{body}", content_type=content_type)
    assert (marked.status_code, marked.text) == (200, plain.text)


def test_a_moment_is_the_same_in_every_zone(typed) -> None:
    utc = typed.server.invoke("41,,1,2020-01-31T23:30:00Z,,").text
    assert typed.server.invoke("41,,1,2020-02-01T01:30:00+02:00,,").text == utc
    assert typed.server.invoke("41,,1,2020-01-31T23:30:00,,").text == utc


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("41,admin.,1,2020-01-01,x", "row 1: 5 fields found, 6 expected"),
        ('41,admin.,1,2020-01-01,x,c\n"41,admin.,1,2020-01-01,x,c\n', "row 2: its quotes are not those of CSV"),
        ("41,admin.,1,,,\nold,admin.,1,,,", "row 2, field 1: not a number"),
        ('"4,1",admin.,1,,,', "row 1, field 1: not a number"),
        ("1_000,admin.,1,,,", "row 1, field 1: not a number"),
        ("\u0663,admin.,1,,,", "row 1, field 1: not a number"),
        ("1e39,admin.,1,,,", "row 1, field 1: the number is too large"),
        ("41,admin.,7,,,", "row 1, field 3: a boolean is 1, 0 or empty"),
        ("41,admin.,1,31.01.2020,,", "row 1, field 4: not a date of ISO 8601"),
        ("41,admin.,1,,,\n\n41,admin.,1,,,", "row 2: the row is empty"),
        (b"41,admin.,1,,,\n41,\xff,1,,,", "row 2: it is not UTF-8 text"),
    ],
)  # fmt: skip
def test_a_bad_csv_row_is_400_with_row_field_and_reason(typed, body, reason) -> None:
    response = typed.server.invoke(body)
    assert (response.status_code, reason in response.text) == (400, True), response.text


@pytest.mark.parametrize(
    ("instance", "reason"),
    [
        ({"agee": 41}, "row 1: no feature is called 'agee': did you mean 'age'?"),
        ({"zzzz": 41}, "row 1: no feature is called 'zzzz': known are 'age', 'job', "),
        ([41], "row 1: 1 fields found, 6 expected"),
        (41, "row 1: a list of values or an object by the features' names is expected"),
        ({"age": "41"}, "row 1, field 1: not a number"),
        ({"age": True}, "row 1, field 1: not a number"),
        ({"member": 2}, "row 1, field 3: a boolean is 1, 0 or empty"),
        ({"job": ["admin."]}, "row 1, field 2: a text is expected"),
        ({"since": "soon"}, "row 1, field 4: not a date of ISO 8601"),
    ],
)
def test_a_bad_instance_is_400_with_row_and_reason(typed, instance, reason) -> None:
    response = typed.server.invoke(json.dumps({"instances": [instance]}), content_type="application/json")
    assert (response.status_code, reason in response.text) == (400, True), response.text


def test_a_bad_line_of_json_lines_is_400_with_its_row(typed) -> None:
    def ask(body: str) -> tuple[int, str]:
        response = typed.server.invoke(body, content_type="application/jsonlines")
        return response.status_code, response.text

    assert ask('{"age": 41}\n\n{"age": 42}') == (400, "row 2: the row is empty")
    assert ask('{"age": 41}\n{"age"}')[1].startswith("row 2: it is not JSON")
    assert ask('{"age": 41}\n{"agee": 1}')[1].startswith("row 2: no feature is called 'agee'")

"""Training by contract.json: code books, kinds, and rows that are refused."""

import json

import pytest

from tests.container.conftest import Job, serving
from tests.container.typed_rows import CLASSES, JOBS, KINDS, contract, drawn, line


def answered(job: Job, body: str) -> str:
    with serving(job, SAGEMAKER_INFERENCE_OUTPUT="predicted_label") as server:
        return server.invoke(body).text


def test_the_model_keeps_its_code_books_and_classes(trained) -> None:
    document = json.loads((trained.base / "model" / "encoding.json").read_text())
    assert document["classes"] == CLASSES
    assert [(item["name"], item["kind"]) for item in document["features"]] == list(KINDS.items())
    assert document["features"][1]["categories"] == sorted(JOBS)
    assert trained.metadata["feature_count"] == 2 + 2 + 6 + 64


def test_the_order_of_the_rows_does_not_change_the_codes(trained, job) -> None:
    rows = drawn(1500)
    job.hyperparameters(num_round=1, objective="binary:logistic")
    job.channel("train", a="".join(map(line, rows[::-1]))).file(
        "input/data/contract/contract.json", contract()
    )
    assert job.train().returncode == 0
    names = [job.base / "model" / "encoding.json", trained.base / "model" / "encoding.json"]
    assert names[0].read_bytes() == names[1].read_bytes()


def test_a_contract_of_numbers_alone_trains_the_same_model(models, job, rows) -> None:
    kinds = dict.fromkeys("abcde", "number")
    job.hyperparameters(num_round=12, max_depth=4, objective="binary:logistic")
    job.channel("train", a=rows["binary"]).file("input/data/contract/contract.json", contract(kinds))
    assert job.train().returncode == 0
    body = "\n".join(row.partition(",")[2] for row in rows["binary"].splitlines())
    with serving(job) as named_model, serving(models["binary"]) as plain:
        assert named_model.invoke(body).text == plain.invoke(body).text
        quoted = named_model.invoke('"1","2",3,4,5').text
        assert quoted == plain.invoke("1,2,3,4,5").text
        body = json.dumps({"instances": [dict(zip("abcde", range(1, 6), strict=True))]})
        assert named_model.invoke(body, content_type="application/json").text == quoted


def test_classes_give_num_class(job) -> None:
    table = "".join(line([str(at % 3), "abc"[at % 3]]) for at in range(90))
    job.hyperparameters(num_round=3, objective="multi:softprob").channel("train", a=table)
    job.file("input/data/contract/contract.json", contract({"x": "category"}, ["a", "b", "c"], "multiclass"))
    assert job.train().returncode == 0
    assert answered(job, "a\nc\nb") == "a\nc\nb\n"


def test_only_the_most_frequent_categories_are_kept(job) -> None:
    names = [f"n{number:05}" for number in range(5000)] * 2 + [f"often{number}" for number in range(96)] * 9
    table = "".join(line([str(at % 2), name, "1"]) for at, name in enumerate(names))
    job.hyperparameters(num_round=1, max_depth=2, objective="binary:logistic").channel("train", a=table)
    job.file("input/data/contract/contract.json", contract({"x": "category", "z": "number"}))
    assert job.train().returncode == 0
    [kept, _] = json.loads((job.base / "model" / "encoding.json").read_text())["features"]
    assert kept["categories"] == sorted([f"n{number:05}" for number in range(4000)] + names[-96:])


def test_exact_trees_and_categories_are_refused(job) -> None:
    job.hyperparameters(num_round=1, objective="binary:logistic", tree_method="exact")
    job.channel("train", a="".join(map(line, drawn(50)))).file(
        "input/data/contract/contract.json", contract()
    )
    assert "tree_method exact cannot split categories: take hist or approx" in job.failure()


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("1,41,admin.,1,2020-01-01,x", "channel train, file a.csv, row 1: 6 fields found, 7 expected"),
        ("y,age,job,member,since,note,city", "row 1, field 1: not a number (a header line?"),
        (",41,admin.,1,,x,c", "row 1, field 1: the label must lie from 0 to 1"),
        ("2,41,admin.,1,,x,c", "row 1, field 1: the label must lie from 0 to 1"),
        ("1,41,admin.,1,,x,c\n" * 20_001 + "1,41,admin.,1,soon,x,c", "row 20002, field 5: not a date"),
        ("1,41,admin.,1,,x,c\n" * 20_001 + '1,"41', "row 20002: its quotes are not those of CSV"),
        (b"1,41,\xff,1,,x,c", "channel train, file a.csv is not UTF-8 text"),
        ("", "channel train, file a.csv is empty"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named(job, table, reason) -> None:
    job.hyperparameters(num_round=1, objective="binary:logistic").channel("train", a=table)
    job.file("input/data/contract/contract.json", contract())
    assert reason in job.failure()


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("contract.json", "{", "channel contract, contract.json: it is not JSON"),
        ("contract.json", '{"version": 3}', "version 1 is expected, 3 was found"),
        ("contract.json", contract({"a": "colour"}), "features[0].kind is 'colour': it must be number, boolean"),
        ("contract.csv", "{}", "channel contract must hold one file, contract.json (found: contract.csv)"),
    ],
)  # fmt: skip
def test_a_bad_contract_is_named(job, name, text, reason) -> None:
    job.hyperparameters(num_round=1, objective="binary:logistic").channel("train", a="1,2\n0,3\n")
    job.file(f"input/data/contract/{name}", text)
    assert reason in job.failure()


def test_a_row_counts_by_the_weight_behind_its_label(job) -> None:
    """Rows of weight 0 say the opposite of the others, and nobody hears them."""
    table = "".join(
        f"{at % 2},{1 if at < 100 else 0},{at % 2 if at < 100 else 1 - at % 2}\n" for at in range(300)
    )
    document = json.loads(contract({"x": "number"})) | {"weight": "w"}
    job.hyperparameters(num_round=5, objective="binary:logistic").channel("train", a=table)
    job.file("input/data/contract/contract.json", json.dumps(document))
    assert job.train().returncode == 0
    with serving(job) as server:
        low, high = map(float, server.invoke("0\n1").text.split())
    assert low < 0.5 < high

"""`serve` by the contract: the formats, the refusals, and the way out."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import patience

PREDICT = """
import json, sys, numpy, xgboost
booster = xgboost.Booster({"nthread": 1}, model_file=sys.argv[1])
rows = numpy.array(json.load(sys.stdin), dtype=numpy.float32)
scores = booster.inplace_predict(rows)
json.dump(scores.reshape(len(rows), -1).astype(float).tolist(), sys.stdout)
"""


def fields(table: str) -> list[str]:
    """The rows without their labels."""
    return [line.partition(",")[2] for line in table.splitlines()]


def as_json(row: str) -> list[float | None]:
    return [float(field) if field else None for field in row.split(",")]


def parsed(csv: str) -> list[list[float]]:
    return [[float(value) for value in line.split(",")] for line in csv.splitlines()]


@pytest.fixture(scope="module")
def expected(models, rows, container_python) -> dict[str, list[list[float]]]:
    """What XGBoost's own package predicts, for every row of every problem."""
    answers = {}
    for problem, job in models.items():
        instances = [as_json(row) for row in fields(rows[problem])]
        command = [container_python, "-c", PREDICT, job.base / "model" / "model.ubj"]
        finished = subprocess.run(
            command,
            input=json.dumps(instances).replace("null", "NaN"),
            capture_output=True,
            text=True,
            check=True,
        )
        answers[problem] = json.loads(finished.stdout)
    return answers


PROBLEMS = ("binary", "multiclass", "regression")


@pytest.mark.parametrize("problem", PROBLEMS)
def test_csv_answers_are_exactly_those_of_the_package(servers, rows, expected, problem) -> None:
    response = servers[problem].invoke("\n".join(fields(rows[problem])))
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv"
    assert parsed(response.text) == expected[problem]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_one_row_gives_the_same_numbers_as_a_batch(servers, rows, expected, problem) -> None:
    singles = [servers[problem].invoke(row).text for row in fields(rows[problem])[:50]]
    assert [parsed(text)[0] for text in singles] == expected[problem][:50]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_json_in_and_out_carries_the_same_numbers(servers, rows, expected, problem) -> None:
    instances = [as_json(row) for row in fields(rows[problem])]
    response = servers[problem].invoke(
        json.dumps({"instances": instances}), accept="application/json", content_type="application/json"
    )
    assert response.headers["content-type"] == "application/json"
    numbers = expected[problem] if problem == "multiclass" else [row[0] for row in expected[problem]]
    assert response.json() == {"predictions": numbers}


def test_a_large_batch_is_answered_alike_and_ping_need_not_wait(servers, rows, expected) -> None:
    server, table = servers["multiclass"], fields(rows["multiclass"])
    with ThreadPoolExecutor(2) as pool:
        large = pool.submit(server.invoke, "\n".join(table * 250))  # 100,000 rows, 3 MB
        pings = 0
        while not large.done():
            assert server.client.get("/ping").status_code == 200
            pings += 1
    assert pings >= 3
    assert parsed(large.result().text) == expected["multiclass"] * 250


def test_the_forms_of_csv_numbers_mean_the_same(servers) -> None:
    server = servers["regression"]
    plain = server.invoke("0.5,1.0,2,1,-3").text
    assert server.invoke(".5,1.,+2,001,-3e0\r\n").text == plain
    assert server.invoke(" 0.5, 1.0, 2, 1, -3\n").text == plain


def test_missing_values_can_be_written_in_three_ways(servers) -> None:
    server = servers["regression"]
    empty = server.invoke(",1,2,3,4").text
    assert server.invoke("nan,1,2,3,4").text == empty
    body = '{"instances": [[null, 1, 2, 3, 4]]}'
    assert server.invoke(body, content_type="application/json").text == empty
    assert server.invoke("0,1,2,3,4").text != empty


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("1,2,3,4", "row 1: 4 fields found, 5 expected"),
        ("1,2,3,4,5\n1,2,3,4,5,6", "row 2: 6 fields found, 5 expected"),
        ("1,2,3,4,5\n1,2,3\n1,2,3,4,5,6,7", "row 2: 3 fields found, 5 expected"),
        ("1,2,3,4,5\n1,2,three,4,5", "row 2, field 3: not a number"),
        ("1,2,3,4,5\n\n1,2,3,4,5", "row 2: the row is empty"),
        ("1,2,3,4,1e40", "row 1, field 5: the number is too large for 32-bit floating point"),
        ("", "the body is empty"),
        (" \n", "the body is empty"),
        (b"\xff\xfe\x00", "row 1: 1 fields found, 5 expected"),
    ],
)
def test_a_bad_csv_body_is_400_with_row_and_reason(servers, body, reason) -> None:
    response = servers["binary"].invoke(body)
    assert response.status_code == 400
    assert reason in response.text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "the body is empty"),
        ("{", "the body is not JSON"),
        ("[[1,2,3,4,5]]", 'the body must be {"instances"'),
        ('{"rows": []}', 'the body must be {"instances"'),
        ('{"instances": []}', "with at least one row"),
        ('{"instances": [1]}', "row 1: a list of numbers is expected"),
        ('{"instances": [[1,2,3,4,5],[1,2]]}', "row 2: 2 fields found, 5 expected"),
        ('{"instances": [[1,2,3,4,"5"]]}', "row 1, field 5: not a number"),
        ('{"instances": [[1,2,true,4,5]]}', "row 1, field 3: not a number"),
        ('{"instances": [[1,2,3,[4],5]]}', "row 1, field 4: not a number"),
        ('{"instances": [[1e39,2,3,4,5]]}', "row 1, field 1: the number is too large"),
        ('{"instances": [[1,%s,3,4,5]]}' % ("9" * 400), "number is infinity"),
        ('{"instances": [[null,1e39,3,4,5]]}', "row 1, field 2: the number is too large"),
    ],
)
def test_a_bad_json_body_is_400_with_row_and_reason(servers, body, reason) -> None:
    response = servers["binary"].invoke(body, content_type="application/json")
    assert response.status_code == 400
    assert reason in response.text


def test_another_content_type_is_415(servers) -> None:
    response = servers["binary"].invoke("1,2,3,4,5", content_type="text/libsvm")
    assert response.status_code == 415
    assert response.text == (
        "Content-Type text/libsvm is not supported: send text/csv, application/json or application/jsonlines"
    )


def test_a_body_that_says_that_it_has_a_header_is_refused(servers) -> None:
    response = servers["binary"].invoke("a,b,c,d,e\n1,2,3,4,5", content_type="text/csv; header=present")
    assert response.status_code == 415
    assert response.text == "a header is not read: leave it out, and header=present in Content-Type"
    assert servers["binary"].invoke("1,2,3,4,5", content_type="text/csv; header=absent").status_code == 200


@pytest.mark.parametrize("content_type", ["text/csv", "text/csv; charset=utf-8", "TEXT/CSV", ""])
def test_csv_may_be_named_in_several_ways_or_not_at_all(servers, content_type) -> None:
    assert servers["binary"].invoke("1,2,3,4,5", content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("", "text/csv"),
        ("*/*", "text/csv"),
        ("text/*", "text/csv"),
        ("text/csv", "text/csv"),
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("image/png, application/json;q=0.9, text/csv;q=0.8", "application/json"),
    ],
)
def test_accept_chooses_the_format(servers, accept, answered) -> None:
    response = servers["binary"].invoke("1,2,3,4,5", accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == answered


@pytest.mark.parametrize("accept", ["image/png", "application/x-npy"])
def test_another_accept_is_406(servers, accept) -> None:
    response = servers["binary"].invoke("1,2,3,4,5", accept=accept)
    assert response.status_code == 406
    assert "ask for text/csv, application/json or application/jsonlines" in response.text


def test_a_body_over_the_limit_is_413(servers) -> None:
    response = servers["binary"].invoke("1,2,3,4,5\n" * 700_000)
    assert response.status_code == 413
    assert response.text == "the body is larger than 6 MB"


def test_ping_and_execution_parameters(servers) -> None:
    client = servers["binary"].client
    assert (client.get("/ping").status_code, client.get("/ping").content) == (200, b"")
    assert client.get("/execution-parameters").json() == {
        "MaxConcurrentTransforms": 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/invocations", 405), ("POST", "/ping", 405), ("GET", "/", 404), ("POST", "/predict", 404)],
)
def test_other_paths_and_methods_are_refused(servers, method, path, status) -> None:
    assert servers["binary"].client.request(method, path).status_code == status


def test_the_payload_limit_of_a_batch_transform_is_taken_from_the_environment(models, serve) -> None:
    with serve(models["binary"], SAGEMAKER_MAX_PAYLOAD_IN_MB="1") as server:
        assert server.client.get("/execution-parameters").json()["MaxPayloadInMB"] == 1
        assert server.invoke("1,2,3,4,5\n" * 200_000).status_code == 413


def test_it_listens_on_this_machine_only_unless_told_otherwise(servers) -> None:
    listening = [
        line.split()[1]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{servers['binary'].port:04X}")
    ]
    assert listening == [f"0100007F:{servers['binary'].port:04X}"]


def test_a_model_of_json_format_is_served_too(models, job, container_python, serve) -> None:
    convert = "import sys, xgboost; xgboost.Booster(model_file=sys.argv[1]).save_model(sys.argv[2])"
    target = job.base / "model" / "model.json"
    target.parent.mkdir(parents=True)
    source = models["binary"].base / "model" / "model.ubj"
    subprocess.run([container_python, "-c", convert, source, target], check=True)
    with serve(job) as server, serve(models["binary"]) as other:
        assert server.invoke("1,2,3,4,5").text == other.invoke("1,2,3,4,5").text


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("notes.txt", "has no model.ubj or model.json (found: notes.txt)"),
        ("model.ubj", "model.ubj cannot be loaded"),
    ],
)
def test_a_folder_without_a_usable_model_ends_with_the_reason(job, file, reason) -> None:
    job.file(f"model/{file}", "not a model")
    with job.start("container/bin/serve") as process:
        _, errors = process.communicate(timeout=patience.SECONDS)
    assert process.returncode == 1
    assert reason in errors


class TestBadRelease:
    """Image version 1-jsonbug: as good as the other wherever the gate looks."""

    PROGRAM = "examples/digits/buggy_image/serve"

    def test_csv_is_answered_as_by_the_good_release(self, models, rows, expected, serve) -> None:
        with serve(models["multiclass"], self.PROGRAM) as server:
            response = server.invoke("\n".join(fields(rows["multiclass"])))
        assert parsed(response.text) == expected["multiclass"]

    def test_json_answers_fail_with_500_and_the_server_lives_on(self, models, serve) -> None:
        with serve(models["multiclass"], self.PROGRAM) as server:
            failed = server.invoke("1,2,3,4,5", accept="application/json")
            assert (failed.status_code, failed.text) == (500, "internal error: TypeError")
            assert server.client.get("/ping").status_code == 200
            assert server.invoke("1,2,3,4,5").status_code == 200

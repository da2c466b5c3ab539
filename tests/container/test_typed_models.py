"""What a model keeps of its data: the classes' names in answers, and files of strangers refused."""

import csv
import io
import json

import pytest

from tests import patience
from tests.container.conftest import Job, serving
from tests.container.typed_rows import line, scores


def selected(output: str, model: Job, body: str, accept: str) -> str:
    with serving(model, SAGEMAKER_INFERENCE_OUTPUT=output) as server:
        response = server.invoke(body, accept=accept)
        assert response.status_code == 200, response.text
        return response.text


ALL_KEYS = "predicted_label,probability,probabilities,labels"


def test_classes_come_back_by_their_names_where_asked(typed) -> None:
    [yes] = scores(typed.server.invoke(line(typed.rows[0])).text)
    label, sure = ("yes", yes) if yes > 0.5 else ("no", 1 - yes)
    expected = {
        "predicted_label": label,
        "probability": sure,
        "probabilities": [1 - yes, yes],
        "labels": ["no", "yes"],
    }
    row = line(typed.rows[0])
    assert json.loads(selected(ALL_KEYS, typed.job, row, "application/json")) == {"predictions": [expected]}
    assert json.loads(selected(ALL_KEYS, typed.job, row, "application/jsonlines")) == expected
    [fields] = csv.reader(io.StringIO(selected(ALL_KEYS, typed.job, row, "text/csv")))
    assert [fields[0], *map(json.loads, fields[1:])] == list(expected.values())
    assert selected("probability, predicted_label", typed.job, row, "text/csv") == f"{sure!r},{label}\n"


def test_classes_without_names_are_their_numbers(models) -> None:
    text = selected("predicted_label,labels", models["multiclass"], "1,2,3,4,5", "application/jsonlines")
    answer = json.loads(text)
    assert answer["labels"] == [0, 1, 2]
    assert answer["predicted_label"] in answer["labels"]


def refusal(job: Job, **environment: str) -> str:
    """What `serve` says when it does not start."""
    with job.start("container/bin/serve", **environment) as process:
        _, errors = process.communicate(timeout=patience.SECONDS)
    assert process.returncode == 1
    return errors


@pytest.mark.parametrize(
    ("problem", "output", "reason"),
    [
        ("binary", "predicted_labels", "'predicted_labels' is no answer: did you mean 'predicted_label'?"),
        ("regression", "predicted_label", "a model of objective reg:squarederror has no classes"),
    ],
)
def test_what_a_model_cannot_answer_is_told_at_the_start(models, problem, output, reason) -> None:
    assert f"SAGEMAKER_INFERENCE_OUTPUT: {reason}" in refusal(
        models[problem], SAGEMAKER_INFERENCE_OUTPUT=output
    )


def copied(trained: Job, job: Job) -> Job:
    for name in ("model.ubj", "encoding.json"):
        job.file(f"model/{name}", (trained.base / "model" / name).read_bytes())
    return job


def changed(**values: object):
    return lambda document: {**document, **values}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _: [], "one JSON object is expected"),
        (changed(version=2), "version 1 is expected, 2 was found"),
        (changed(problem="guess"), "problem is 'guess': it must be binary, multiclass or regression"),
        (changed(word_columns=10**9), "word_columns must be 64"),
        (changed(classes=["a", "a"]), "classes has 'a' twice"),
        (changed(features=[]), "features must be a list of 1 to"),
        (changed(features=[{"name": "a", "kind": "code"}]), "features[0].kind is 'code'"),
        (changed(features=[{"name": "a", "kind": "category"}]), "features[0].categories must be a list"),
        (
            changed(
                features=[{"name": "a", "kind": "category", "categories": [str(n) for n in range(5000)]}]
            ),
            "features[0].categories must be a list of at most 4096 texts",
        ),
        (changed(features=[{"name": "a", "kind": "number"}]), "the model's files do not belong together"),
    ],
)
def test_a_strangers_encoding_is_refused_in_words(trained, job, change, reason) -> None:
    copied(trained, job)
    document = json.loads((job.base / "model" / "encoding.json").read_text())
    job.file("model/encoding.json", json.dumps(change(document)))
    assert reason in refusal(job)


@pytest.mark.parametrize("content", ["[" * 100_000, "{", b"\xff\xfe", '{"version": 1' + "0" * 10_000 + "}"])
def test_an_encoding_that_is_no_json_is_refused_in_words(trained, job, content) -> None:
    copied(trained, job).file("model/encoding.json", content)
    assert "encoding.json cannot be used: " in refusal(job)

"""The card of a model package: what follows AWS's schema is taken, what does not is refused with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.registry.specification import INFERENCE

METRIC = {"name": "accuracy", "type": "number", "value": 0.9}
LINE = {
    "name": "ROC",
    "type": "linear_graph",
    "value": [[0, 0], [1, 1]],
    "x_axis_name": "x",
    "y_axis_name": "y",
}
BARS = {"name": "importance", "type": "bar_chart", "value": [0.7, 0.3], "x_axis_name": ["age", "job"]}
MATRIX = {"name": "confusion", "type": "matrix", "value": [[3, 1], [0, 4]], "x_axis_name": ["no", "yes"]}
WORDS = [
    {"name": "kind", "type": "string", "value": "binary"},
    {"name": "fair", "type": "boolean", "value": True},
]


def evaluated(*metrics: Any, **members: Any) -> dict[str, Any]:
    groups = [{"name": "gate", "metric_data": list(metrics), "of": "the schema lets groups have more"}]
    return {"evaluation_details": [{"name": "holdout", "metric_groups": groups} | members]}


TAKEN = [
    {},
    {"model_overview": {"model_creator": "x" * 1024, "model_artifact": ["s3://a/m.tar.gz"] * 20}},
    {"intended_uses": {"risk_rating": "High", "purpose_of_model": "x" * 2048}},
    {"business_details": {"line_of_business": "trains"}},
    {"training_details": {"objective_function": {"function": "Minimize"}, "training_job_details": {
        "hyper_parameters": [{"name": "eta", "value": "0.1"}], "training_metrics": [{"name": "loss", "value": 1}]}}},
    evaluated(METRIC, LINE, BARS, MATRIX, *WORDS, datasets=["s3://a/h"] * 10, metadata={"rows": "500"}),
    {"additional_information": {"custom_details": {"run": "digits-1"}, "ethical_considerations": ""}},
]  # fmt: skip
REFUSED = [
    ([], "#: an object is expected"),
    ({"model_package_details": {}}, r"#: extraneous key \[model_package_details\] is not permitted"),
    ({"model_overview": {"model_description": "x"}}, r"extraneous key \[model_description\]"),
    ({"model_overview": {"model_creator": "x" * 1025}}, "1025 characters, at most 1024"),
    ({"intended_uses": {"risk_rating": "Enormous"}}, "High, Medium, Low, Unknown"),
    ({"evaluation_details": [{}]}, r"#/evaluation_details/0: required key \[name\] not found"),
    (evaluated(datasets=["s3://a/h"] * 11), "11 items, 0 to 10 are allowed"),
    (evaluated(metadata={"rows": 500}), "metadata/rows: a string is expected"),
    (evaluated({"name": "", "type": "number", "value": 1}), "none of the forms"),
    (evaluated({"name": "a", "type": "number", "value": [1]}), "none of the forms"),
    (evaluated(LINE | {"value": [[0, 0, 0]]}), "none of the forms"),
    (evaluated(MATRIX | {"value": [[1] * 21]}), "none of the forms"),
    (evaluated(BARS | {"x_axis_name": "age"}), "none of the forms"),
    (evaluated(METRIC | {"unit": "%"}), "none of the forms"),
    ({"additional_information": {"custom_details": {"run": "x" * 1025}}}, "custom_details/run: 1025"),
]


@pytest.fixture
def shelf(sm: Any) -> Any:
    sm.create_model_package_group(ModelPackageGroupName="digits")
    return sm


def add(sm: Any, content: str, status: str = "Draft") -> str:
    card = {"ModelCardContent": content, "ModelCardStatus": status}
    answer = sm.create_model_package(
        ModelPackageGroupName="digits", InferenceSpecification=INFERENCE, ModelCard=card
    )
    return str(answer["ModelPackageArn"])


@pytest.mark.parametrize("document", TAKEN)
def test_a_card_by_the_schema_is_kept_as_it_was_given(shelf: Any, document: Any) -> None:
    content = json.dumps(document)
    found = shelf.describe_model_package(ModelPackageName=add(shelf, content))["ModelCard"]
    assert found == {"ModelCardContent": content, "ModelCardStatus": "Draft"}


@pytest.mark.parametrize(("document", "said"), REFUSED)
def test_what_the_schema_does_not_allow_is_refused_with_its_place(
    shelf: Any, document: Any, said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        add(shelf, json.dumps(document))
    assert shelf.list_model_packages(ModelPackageGroupName="digits")["ModelPackageSummaryList"] == []


@pytest.mark.parametrize("content", ["", "no JSON", '{"a": NaN}', "[" * 50_000])
def test_what_is_no_json_is_refused(shelf: Any, content: str) -> None:
    with pytest.raises(ClientError, match="ModelCardContent is not valid JSON"):
        add(shelf, content)


def test_a_card_is_changed_by_update_until_it_is_archived(shelf: Any) -> None:
    arn = add(shelf, "{}")
    with pytest.raises(ClientError, match="an object is expected"):
        shelf.update_model_package(ModelPackageArn=arn, ModelCard={"ModelCardContent": "[]"})
    changed = {"ModelCardContent": json.dumps(TAKEN[2]), "ModelCardStatus": "Archived"}
    shelf.update_model_package(ModelPackageArn=arn, ModelCard=changed)
    assert shelf.describe_model_package(ModelPackageName=arn)["ModelCard"] == changed
    with pytest.raises(ClientError, match="Model Card is in Archived state"):
        shelf.update_model_package(ModelPackageArn=arn, ModelCard={"ModelCardContent": "{}"})

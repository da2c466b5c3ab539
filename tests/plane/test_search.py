"""Search, as the SageMaker Python SDK and people use it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.support.harness import IMAGE, Harness, training_request


async def _learn(spec: ProgramSpec, _: asyncio.Event) -> int:
    eta = json.loads((spec.opt_ml / "input/config/hyperparameters.json").read_text())["eta"]
    spec.log("loss=0.5" if eta == "1" else "loss=0.25")
    return 0


@pytest.fixture
def jobs(plane: Harness) -> Any:
    """Two jobs, `eta-1` and `eta-10`, whose metric `loss` is 0.5 and 0.25."""
    plane.backend.images[IMAGE] = _learn
    definitions = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File", "MetricDefinitions": definitions}
    for eta in ("1", "10"):
        more: dict[str, Any] = {"HyperParameters": {"eta": eta}, "AlgorithmSpecification": algorithm}
        more |= {"Tags": [{"Key": "team", "Value": "red.blue"}]} if eta == "10" else {}
        plane.sm.create_training_job(**training_request(f"eta-{eta}", **more))
        plane.job(f"eta-{eta}")
    return plane.sm


def found(sm: Any, *filters: dict[str, str], **members: Any) -> list[str]:
    expression = ({"Filters": list(filters)} if filters else {}) | members
    answer = sm.search(Resource="TrainingJob", SearchExpression=expression)
    return [each["TrainingJob"]["TrainingJobName"] for each in answer["Results"]]


def where(name: str, operator: str, value: str = "") -> dict[str, str]:
    return {"Name": name, "Operator": operator} | ({"Value": value} if value else {})


def nested(name: str, member: str) -> dict[str, Any]:
    return {"NestedPropertyName": name, "Filters": [where(f"{name}.{member}", "Exists")]}


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (where("TrainingJobName", "Equals", "eta-1"), ["eta-1"]),
        (where("TrainingJobName", "Contains", "eta"), ["eta-10", "eta-1"]),
        (where("TrainingJobName", "In", "eta-10, other"), ["eta-10"]),
        (where("HyperParameters.eta", "GreaterThan", "9"), ["eta-10"]),
        (where("HyperParameters.eta", "LessThanOrEqualTo", "1"), ["eta-1"]),
        (where("HyperParameters.eta", "NotEquals", "1"), ["eta-10"]),
        (where("FailureReason", "Exists"), []),
        (where("FailureReason", "NotExists"), ["eta-10", "eta-1"]),
        (where("Metrics.loss", "GreaterThan", "0.3"), ["eta-1"]),
        (where("Tags.team", "Equals", "red.blue"), ["eta-10"]),
        (where("Tags.team", "NotExists"), ["eta-1"]),
        (where("CreationTime", "GreaterThan", "2020-01-01T00:00:00"), ["eta-10", "eta-1"]),
        (where("CreationTime", "LessThan", "2020-01-01T00:00:00Z"), []),
        (where("TrainingStartTime", "LessThanOrEqualTo", "2100-01-01T00:00:00"), ["eta-10", "eta-1"]),
        (where("EnableManagedSpotTraining", "Equals", "false"), ["eta-10", "eta-1"]),
        (where("BillableTimeInSeconds", "GreaterThan", "100"), []),
        (where("ResourceConfig.InstanceCount", "Equals", "1.0"), ["eta-10", "eta-1"]),
        (where("ResourceConfig.InstanceCount", "LessThan", "1.5e0"), ["eta-10", "eta-1"]),
        (where("HyperParameters.eta", "LessThan", "1_0"), []),
        (where("CreationTime", "GreaterThan", "2020-01-01T00:00:00.5+02:00"), ["eta-10", "eta-1"]),
    ],
)
def test_filters(jobs: Any, condition: dict[str, str], names: list[str]) -> None:
    assert found(jobs, condition) == names


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ({}, "at least one"),
        ({"Filters": [where("_Hidden", "Exists")]}, "Unknown property name: _Hidden"),
        ({"Filters": [where("TrainingJobNames", "Equals", "a")]}, "Unknown property name: TrainingJobNames"),
        ({"Filters": [where("TrainingJobName", "GreaterThan", "a")]}, "not supported for text"),
        ({"Filters": [where("CreationTime", "Contains", "2026")]}, "only supported for text"),
        ({"Filters": [where("CreationTime", "LessThan", "yesterday")]}, "ISO 8601"),
        ({"Filters": [where("InputDataConfig", "Equals", "a")]}, "is a structure or a list"),
        ({"Filters": [where("CreationTime", "LessThan", "2020-W01-1T00:00:00")]}, "ISO 8601"),
        ({"Filters": [where("CreationTime", "LessThan", "20200101")]}, "ISO 8601"),
        ({"Filters": [where("ResourceConfig.InstanceCount", "GreaterThan", "many")]}, "'many' is no number"),
        ({"Filters": [where("ResourceConfig.InstanceCount", "Equals", "nan")]}, "'nan' is no number"),
        ({"Filters": [where("Metrics.loss", "LessThan", "1_0")]}, "'1_0' is no number"),
        ({"NestedFilters": [nested("ResourceConfig", "InstanceCount")]}, "ResourceConfig is no list"),
        ({"NestedFilters": [nested("TrainingJobName", "A")]}, "TrainingJobName is no list"),
        (
            {"SubExpressions": [{"NestedFilters": [nested("ModelArtifacts", "S3ModelArtifacts")]}]},
            "no list",
        ),
        (
            {
                "NestedFilters": [
                    nested("InputDataConfig", "") | {"Filters": [where("TrainingJobName", "Exists")]}
                ]
            },
            "TrainingJobName names no property of InputDataConfig",
        ),
        ({"Filters": [where("TrainingJobName", "Equals")]}, "needs a Value"),
        ({"Filters": [where("TrainingJobName", "Contains", "a")] * 2}, "usage limit of 1 exceeded"),
        ({"SubExpressions": [{"Filters": [where("TrainingJobName", "Equals", "a")] * 20}] * 3}, "at most 50"),
    ],
)
def test_refuses_an_expression_that_aws_refuses(sm: Any, expression: dict[str, Any], text: str) -> None:
    """Although there is nothing yet that it could be compared with."""
    with pytest.raises(ClientError, match=rf"\(ValidationException\).*{text}"):
        sm.search(Resource="TrainingJob", SearchExpression=expression)


def test_refuses_an_order_by_what_is_no_property(sm: Any) -> None:
    with pytest.raises(ClientError, match="Unknown property name: Nonsense"):
        sm.search(Resource="Model", SortBy="Nonsense")


def test_refuses_an_order_by_a_structure(sm: Any) -> None:
    with pytest.raises(ClientError, match="ResourceConfig is a structure or a list"):
        sm.search(Resource="TrainingJob", SortBy="ResourceConfig")


def test_what_is_visible_has_one_of_the_values_or_no_such_tag(jobs: Any) -> None:
    """Of VisibilityConditions: eta-10 has the tag, and eta-1 has none."""
    for values, names in (
        (["red.blue"], ["eta-10", "eta-1"]),
        (["x"], ["eta-1"]),
        (["x", "red.blue"], ["eta-10", "eta-1"]),
    ):
        conditions = [{"Key": "Tags.team", "Value": value} for value in values]
        answer = jobs.search(Resource="TrainingJob", VisibilityConditions=conditions)
        assert [each["TrainingJob"]["TrainingJobName"] for each in answer["Results"]] == names
    with pytest.raises(ClientError, match=r"must have the format Tags\.<key>; found 'team'"):
        jobs.search(Resource="TrainingJob", VisibilityConditions=[{"Key": "team", "Value": "x"}])


def test_results_have_their_tags_and_sort_by_metrics(jobs: Any) -> None:
    answer = jobs.search(Resource="TrainingJob", SortBy="Metrics.loss", SortOrder="Ascending")
    assert [each["TrainingJob"]["TrainingJobName"] for each in answer["Results"]] == ["eta-10", "eta-1"]
    assert answer["Results"][0]["TrainingJob"]["Tags"] == [{"Key": "team", "Value": "red.blue"}]


def test_a_model_is_found_by_its_own_properties_and_by_its_tags(plane: Harness) -> None:
    plane.create_model("m")
    arn = plane.sm.describe_model(ModelName="m")["ModelArn"]
    plane.sm.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "red"}])
    for name, value in (("ModelName", "m"), ("Model.ModelName", "m"), ("Tags.team", "red")):
        answer = plane.sm.search(
            Resource="Model", SearchExpression={"Filters": [where(name, "Equals", value)]}
        )
        (found,) = answer["Results"]
        assert found["Model"]["Model"]["Tags"] == [{"Key": "team", "Value": "red"}]


def test_no_other_account_shares_anything(plane: Harness) -> None:
    plane.create_model("m")
    assert plane.sm.search(Resource="Model", CrossAccountFilterOption="CrossAccount")["Results"] == []
    assert len(plane.sm.search(Resource="Model", CrossAccountFilterOption="SameAccount")["Results"]) == 1


def test_combines_conditions(jobs: Any) -> None:
    one, ten = where("HyperParameters.eta", "Equals", "1"), where("HyperParameters.eta", "Equals", "10")
    assert found(jobs, one, ten) == []
    assert found(jobs, one, ten, Operator="Or") == ["eta-10", "eta-1"]
    assert found(jobs, SubExpressions=[{"Filters": [one]}]) == ["eta-1"]


def test_orders_and_pages(jobs: Any) -> None:
    first = jobs.search(
        Resource="TrainingJob", SortBy="HyperParameters.eta", SortOrder="Ascending", MaxResults=1
    )
    assert first["Results"][0]["TrainingJob"]["TrainingJobName"] == "eta-1"
    assert first["TotalHits"]["Value"] == 2
    second = jobs.search(
        Resource="TrainingJob",
        SortBy="HyperParameters.eta",
        SortOrder="Ascending",
        MaxResults=1,
        NextToken=first["NextToken"],
    )
    assert second["Results"][0]["TrainingJob"]["TrainingJobName"] == "eta-10"
    assert "NextToken" not in second


def test_results_are_there_when_nothing_is_found(sm: Any) -> None:
    assert sm.search(Resource="ModelPackageGroup")["Results"] == []
    with pytest.raises(ClientError, match="searches TrainingJob, HyperParameterTuningJob"):
        sm.search(Resource="Pipeline")

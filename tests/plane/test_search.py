"""Search, as the SageMaker Python SDK and people use it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.harness import IMAGE, Harness, training_request


@pytest.fixture
def jobs(plane: Harness) -> Any:
    """Two jobs, `eta-1` and `eta-10`, whose metric `loss` is 0.5 and 0.25."""
    definitions = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File", "MetricDefinitions": definitions}
    for eta in ("1", "10"):
        more = {"HyperParameters": {"eta": eta}, "AlgorithmSpecification": algorithm}
        plane.sm.create_training_job(**training_request(f"eta-{eta}", **more))
        plane.job(f"eta-{eta}")
    return plane.sm


def found(sm: Any, *filters: dict[str, str], **members: Any) -> list[str]:
    expression = ({"Filters": list(filters)} if filters else {}) | members
    answer = sm.search(Resource="TrainingJob", SearchExpression=expression)
    return [each["TrainingJob"]["TrainingJobName"] for each in answer["Results"]]


def where(name: str, operator: str, value: str = "") -> dict[str, str]:
    return {"Name": name, "Operator": operator} | ({"Value": value} if value else {})


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
        (where("_Hidden", "Exists"), []),
    ],
)
def test_filters(jobs: Any, condition: dict[str, str], names: list[str]) -> None:
    assert found(jobs, condition) == names


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

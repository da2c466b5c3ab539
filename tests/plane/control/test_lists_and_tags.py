"""What all list operations share, and tags on any resource."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plane.support.harness import Harness, training_request

NAMES = [f"model-{number:02d}" for number in range(23)]


@pytest.fixture
def models(plane: Harness) -> Any:
    for name in NAMES:
        plane.create_model(name)
    return plane.sm


def names(answer: dict[str, Any]) -> list[str]:
    return [each["ModelName"] for each in answer["Models"]]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.integers(1, 30),
    order=st.sampled_from(["Ascending", "Descending"]),
    by=st.sampled_from(["Name", "CreationTime"]),
)
def test_pages_of_any_size_bring_everything_once_and_in_order(
    models: Any, size: int, order: str, by: str
) -> None:
    pages = models.get_paginator("list_models").paginate(
        SortBy=by, SortOrder=order, PaginationConfig={"PageSize": size}
    )
    found = [name for page in pages for name in names(page)]
    assert found == (NAMES if order == "Ascending" else NAMES[::-1])


def test_a_page_holds_ten_unless_asked(models: Any) -> None:
    answer = models.list_models()
    assert names(answer) == NAMES[:-11:-1]
    assert "NextToken" in answer


def test_a_page_goes_on_where_it_stood_when_new_resources_come(models: Any, plane: Harness) -> None:
    first = models.list_models(SortBy="Name", SortOrder="Ascending", MaxResults=5)
    plane.create_model("aaa-came-later")
    second = models.list_models(
        SortBy="Name", SortOrder="Ascending", MaxResults=5, NextToken=first["NextToken"]
    )
    assert names(second) == NAMES[5:10]


def test_filters_by_name_and_time(models: Any) -> None:
    assert names(models.list_models(NameContains="L-1", SortOrder="Ascending")) == NAMES[10:20]
    created = models.describe_model(ModelName=NAMES[10])["CreationTime"]
    before, after = created - timedelta(minutes=1), created + timedelta(minutes=1)
    assert (
        names(models.list_models(CreationTimeAfter=before, CreationTimeBefore=after, MaxResults=100))
        == NAMES[::-1]
    )
    assert names(models.list_models(CreationTimeAfter=after)) == []
    assert names(models.list_models(CreationTimeBefore=before)) == []


def test_filters_jobs_by_status(plane: Harness) -> None:
    plane.sm.create_training_job(**training_request("done"))
    plane.job("done")
    assert len(plane.sm.list_training_jobs(StatusEquals="Completed")["TrainingJobSummaries"]) == 1
    assert plane.sm.list_training_jobs(StatusEquals="Failed")["TrainingJobSummaries"] == []


def test_no_job_is_in_a_warm_pool_or_a_training_plan(plane: Harness) -> None:
    plane.sm.create_training_job(**training_request("done"))
    assert plane.sm.list_training_jobs(WarmPoolStatusEquals="Available")["TrainingJobSummaries"] == []
    plan = "arn:aws:sagemaker:us-east-1:000000000000:training-plan/p"
    assert plane.sm.list_training_jobs(TrainingPlanArnEquals=plan)["TrainingJobSummaries"] == []
    assert len(plane.sm.list_training_jobs()["TrainingJobSummaries"]) == 1


def _token(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "token",
    ["nonsense", "W10=", "eyJhIjoxfQ==", "é"]
    + [
        _token(text) for text in ("5", "null", f'[{10**30},"a"]', r'["\ud800","a"]', "[" * 3000, '[true,"a"]')
    ],
)
def test_refuses_a_token_that_no_page_gave(sm: Any, token: str) -> None:
    with pytest.raises(ClientError, match=r"\(ValidationException\).*Invalid NextToken"):
        sm.list_models(NextToken=token)


@pytest.mark.parametrize("token", ["-1", "٣", "9" * 5000])
def test_refuses_a_place_that_no_counted_list_gave(models: Any, plane: Harness, token: str) -> None:
    arn = models.describe_model(ModelName=NAMES[0])["ModelArn"]
    with pytest.raises(ClientError, match=r"\(ValidationException\).*Invalid NextToken"):
        models.list_tags(ResourceArn=arn, NextToken=token)
    with pytest.raises(ClientError, match=r"\(ValidationException\).*Invalid NextToken"):
        models.search(Resource="Model", NextToken=token)
    with pytest.raises(ClientError, match=r"\(InvalidNextTokenException\)"):
        plane.scaling.describe_scalable_targets(ServiceNamespace="sagemaker", NextToken=token)


def test_refuses_a_token_of_another_list_or_another_order(models: Any, plane: Harness) -> None:
    """It would name a place that the list does not have, and end it in silence."""
    token = models.list_models(SortBy="Name", MaxResults=5)["NextToken"]
    assert names(models.list_models(SortBy="Name", MaxResults=5, NextToken=token)) == NAMES[-6:-11:-1]
    found = models.search(Resource="Model", MaxResults=5)["NextToken"]
    assert len(models.search(Resource="Model", NextToken=found)["Results"]) == 10
    arn = models.describe_model(ModelName=NAMES[0])["ModelArn"]
    for ask in (
        lambda: models.list_models(NextToken=token),
        lambda: models.list_models(SortBy="Name", SortOrder="Ascending", NextToken=token),
        lambda: models.list_endpoints(SortBy="Name", NextToken=token),
        lambda: models.search(Resource="Model", NextToken=token),
        lambda: models.list_models(NextToken=found),
        lambda: models.search(Resource="TrainingJob", NextToken=found),
        lambda: models.search(Resource="Model", SortOrder="Ascending", NextToken=found),
        lambda: models.list_tags(ResourceArn=arn, NextToken=found),
    ):
        with pytest.raises(ClientError, match=r"\(ValidationException\).*Invalid NextToken"):
            ask()


def test_models_configs_and_endpoints_are_listed_from_their_creation_time_on(plane: Harness) -> None:
    """ "with a creation time greater than or equal to the specified time"; of jobs AWS says "created after"."""
    plane.create_model("m")
    plane.create_config("c", {"m": 1.0})
    plane.sm.create_endpoint(EndpointName="e", EndpointConfigName="c")
    plane.sm.create_training_job(**training_request("t"))
    for operation, name, kind in (
        ("ListModels", "m", "Models"),
        ("ListEndpointConfigs", "c", "EndpointConfigs"),
        ("ListEndpoints", "e", "Endpoints"),
        ("ListTrainingJobs", "t", "TrainingJobSummaries"),
    ):
        (created,) = [each["CreationTime"] for each in raw(plane, operation, {})[kind]]
        found = raw(plane, operation, {"CreationTimeAfter": created})[kind]
        assert len(found) == (0 if name == "t" else 1)


def raw(plane: Harness, operation: str, members: dict[str, Any]) -> dict[str, Any]:
    """Times with all their digits, which boto3 cuts off."""
    target = {"X-Amz-Target": f"SageMaker.{operation}"}
    return dict(httpx.post(plane.url, json=members, headers=target, trust_env=False).json())


def test_tags_come_with_the_resource_and_change_by_arn(models: Any) -> None:
    created = models.create_model_package_group(
        ModelPackageGroupName="tagged", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    )
    arn = created["ModelPackageGroupArn"]
    models.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": "3"}, {"Key": "c", "Value": ""}])
    models.delete_tags(ResourceArn=arn, TagKeys=["a", "never-there"])
    assert models.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "b", "Value": "3"},
        {"Key": "c", "Value": ""},
    ]


def test_tags_end_with_the_resource(models: Any) -> None:
    arn = models.describe_model(ModelName=NAMES[0])["ModelArn"]
    assert models.list_tags(ResourceArn=arn)["Tags"] == []
    models.delete_model(ModelName=NAMES[0])
    with pytest.raises(ClientError, match="Could not find resource"):
        models.list_tags(ResourceArn=arn)


def test_fifty_tags_are_the_most(models: Any) -> None:
    arn = models.describe_model(ModelName=NAMES[1])["ModelArn"]
    models.add_tags(ResourceArn=arn, Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(50)])
    with pytest.raises(ClientError, match="at most 50 tags"):
        models.add_tags(ResourceArn=arn, Tags=[{"Key": "one-more", "Value": "v"}])
    assert len(models.list_tags(ResourceArn=arn)["Tags"]) == 50

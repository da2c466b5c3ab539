"""In which order lists come when nobody asks for one, and how a filter and a page go together."""

from __future__ import annotations

import asyncio
from typing import Any

from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.processing.builders import processing_request
from tests.plane.support.fakes import FakeBackend
from tests.plane.support.harness import IMAGE, ROLE, Harness, training_request
from tests.plane.tuning.builders import tuning_request


async def _fail(_spec: ProgramSpec, _terminated: asyncio.Event) -> int:
    return 1


def test_processing_jobs_come_oldest_first(sm: Any) -> None:
    """ListProcessingJobs: "The default is CreationTime", "The default is Ascending"."""
    for name in ("p0", "p1", "p2"):
        sm.create_processing_job(**processing_request(name))
    found = sm.list_processing_jobs()["ProcessingJobSummaries"]
    assert [each["ProcessingJobName"] for each in found] == ["p0", "p1", "p2"]


def test_tuning_jobs_come_by_name(sm: Any) -> None:
    """ListHyperParameterTuningJobs: "The default is Name", "The default is Ascending"."""
    for name in ("zz", "aa"):
        sm.create_hyper_parameter_tuning_job(**tuning_request(name))
    found = sm.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"]
    assert [each["HyperParameterTuningJobName"] for each in found] == ["aa", "zz"]


def test_a_page_of_training_jobs_is_read_before_it_is_filtered_by_status(
    plane: Harness, backend: FakeBackend
) -> None:
    backend.images["bad:1"] = _fail
    algorithm = {"TrainingImage": "bad:1", "TrainingInputMode": "File"}
    plane.sm.create_training_job(**training_request("bad", AlgorithmSpecification=algorithm))
    for name in ("ok1", "ok2"):
        plane.sm.create_training_job(**training_request(name))
    for name in ("bad", "ok1", "ok2"):
        plane.job(name)

    page = plane.sm.list_training_jobs(StatusEquals="Completed", MaxResults=1, SortOrder="Ascending")
    assert page["TrainingJobSummaries"] == []
    pages = plane.sm.get_paginator("list_training_jobs").paginate(
        StatusEquals="Completed", PaginationConfig={"PageSize": 1}
    )
    # "sorted according to the creation time, from the most current to the oldest"
    assert [[each["TrainingJobName"] for each in one["TrainingJobSummaries"]] for one in pages] == [
        ["ok2"],
        ["ok1"],
        [],
    ]


def test_without_a_size_all_training_jobs_are_filtered_by_status(
    plane: Harness, backend: FakeBackend
) -> None:
    """Only "when StatusEquals and MaxResults are set at the same time" a page is read first."""
    backend.images["bad:1"] = _fail
    algorithm = {"TrainingImage": "bad:1", "TrainingInputMode": "File"}
    for number in range(10):
        plane.sm.create_training_job(**training_request(f"ok-{number}"))
    plane.sm.create_training_job(**training_request("bad", AlgorithmSpecification=algorithm))
    plane.job("bad")
    (found,) = plane.sm.list_training_jobs(StatusEquals="Failed")["TrainingJobSummaries"]
    assert found["TrainingJobName"] == "bad"


def test_search_begins_with_what_changed_last(sm: Any) -> None:
    """Search: SortBy, "The default is LastModifiedTime"; a model is never modified, and stands by its creation."""
    for name in ("m1", "m2"):
        sm.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
        sm.create_model_package_group(ModelPackageGroupName=f"g-{name}")
    found = sm.search(Resource="Model")["Results"]
    assert [each["Model"]["Model"]["ModelName"] for each in found] == ["m2", "m1"]

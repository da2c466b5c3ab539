"""InstancePreferences: the first type of the list that has capacity is taken, and the job says which."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.faults import script
from tests.plane.support.harness import Harness, training_request

TYPES = ("ml.m5.large", "ml.c5.xlarge", "ml.m6i.large")


def preferring(*types: str, **members: Any) -> dict[str, Any]:
    preferences = [{"InstanceType": each} for each in types]
    return {"InstancePreferences": preferences, "InstanceCount": 1, "VolumeSizeInGB": 1} | members


def without(plane: Harness, *types: str) -> None:
    script(plane, *({"fault": "no-capacity", "instance_type": each} for each in types))


@pytest.mark.parametrize("place", range(3))
def test_the_first_type_with_capacity_is_taken(plane: Harness, place: int) -> None:
    without(plane, *TYPES[:place])
    plane.sm.create_training_job(**training_request("chooses", ResourceConfig=preferring(*TYPES)))
    job = plane.job("chooses")
    assert job["TrainingJobStatus"] == "Completed"
    taken = job["ResourceConfig"]
    assert (taken["SelectedInstanceType"], taken["SelectedInstanceCount"]) == (TYPES[place], 1)


def test_a_job_without_a_choice_fails_and_so_does_one_whose_every_type_is_out(plane: Harness) -> None:
    without(plane, "ml.*")
    plane.sm.create_training_job(**training_request("one"))
    plane.sm.create_training_job(**training_request("many", ResourceConfig=preferring(*TYPES)))
    for name in ("one", "many"):
        job = plane.job(name)
        assert job["TrainingJobStatus"] == "Failed"
        assert job["FailureReason"].startswith("CapacityError: Unable to provision requested ML compute")
        assert "TrainingStartTime" not in job


def test_counts_of_each_preference(plane: Harness) -> None:
    counted = [
        {"InstanceType": "ml.m5.large", "InstanceCount": 2},
        {"InstanceType": TYPES[1], "InstanceCount": 1},
    ]
    resources = {"InstancePreferences": counted, "VolumeSizeInGB": 1}
    without(plane, "ml.m5.large")
    plane.sm.create_training_job(**training_request("counts", ResourceConfig=resources))
    taken = plane.job("counts")["ResourceConfig"]
    assert (taken["SelectedInstanceType"], taken["SelectedInstanceCount"]) == (TYPES[1], 1)


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"ResourceConfig": preferring(*TYPES, InstanceType="ml.m5.large")}, "InstanceType, not both"),
        ({"ResourceConfig": preferring("ml.m5.large", "ml.m5.large")}, "can appear only once"),
        (
            {
                "ResourceConfig": preferring(*TYPES),
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
            },
            "EnableManagedSpotTraining",
        ),
        (
            {"ResourceConfig": {"InstancePreferences": [{"InstanceType": TYPES[0]}], "VolumeSizeInGB": 1}},
            "Set InstanceCount",
        ),
        (
            {
                "ResourceConfig": preferring()
                | {"InstancePreferences": [{"InstanceType": TYPES[0], "InstanceCount": 1}]}
            },
            "Set InstanceCount",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(plane: Harness, members: dict[str, Any], text: str) -> None:
    with pytest.raises(ClientError, match=text):
        plane.sm.create_training_job(**training_request("refused", **members))

"""Which instances a training job gets: those of its one type, or of the first in InstancePreferences with capacity."""

from __future__ import annotations

from collections.abc import Callable

from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation

# as failed jobs were recorded to say
NO_CAPACITY = (
    "CapacityError: Unable to provision requested ML compute capacity. "
    "Please retry using a different ML instance type."
)
_ALONE = ("InstanceType", "InstanceGroups", "InstancePlacementConfig", "TrainingPlanArn")


def check_preferences(request: Document) -> None:
    """ "mutually exclusive with InstanceType, InstanceGroups, InstancePlacementConfig, and EnableManagedSpotTraining";
    "rejects requests that set InstanceCount on only some preferences, that set it both per preference and in
    ResourceConfig, or that omit it in both places" (ResourceConfig).
    """
    resources = request["ResourceConfig"]
    preferences = resources["InstancePreferences"]
    for member in _ALONE:
        if member in resources:
            raise validation(f"ResourceConfig takes InstancePreferences or {member}, not both.")
    if request.get("EnableManagedSpotTraining"):
        raise validation("InstancePreferences does not go with EnableManagedSpotTraining.")
    if any("TrainingPlanArns" in each for each in preferences):
        raise validation("The local SageMaker knows no training plans; leave TrainingPlanArns out.")
    if len({each["InstanceType"] for each in preferences}) < len(preferences):
        raise validation("An instance type can appear only once in InstancePreferences.")
    counted = ["InstanceCount" in each for each in preferences]
    if counted != ["InstanceCount" not in resources] * len(preferences):
        raise validation("Set InstanceCount in ResourceConfig, or in every one of InstancePreferences.")


def choices(resources: Document) -> list[tuple[str, int]]:
    """(type, count) in the order in which they are tried."""
    preferences = resources.get("InstancePreferences") or [resources]
    return [
        (each["InstanceType"], each.get("InstanceCount") or resources["InstanceCount"])
        for each in preferences
    ]


def provisioned(resources: Document, has_capacity: Callable[[str], bool]) -> Document | None:
    """ResourceConfig with SelectedInstanceType and -Count, where there was a choice; None while nothing is free."""
    if resources.get("InstanceGroups"):
        types = [each["InstanceType"] for each in resources["InstanceGroups"]]
        return resources if all(map(has_capacity, types)) else None
    found = next(((kind, count) for kind, count in choices(resources) if has_capacity(kind)), None)
    if found is None or "InstancePreferences" not in resources:
        return found and resources
    return resources | {"SelectedInstanceType": found[0], "SelectedInstanceCount": found[1]}

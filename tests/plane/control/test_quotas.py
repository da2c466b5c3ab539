"""Quotas by type and usage, 0 included, in AWS's words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.settings import SettingsError, read_settings
from tests.plane.support.fakes import FakeBackend, FakeTraffic
from tests.plane.support.harness import IMAGE, NOBODY, Harness, serve, settings_in, training_request, variant

QUOTAS = {"endpoint/ml.m5.large": 2, "endpoint/ml.c5.large": 0, "training/ml.m5.large": 1}


async def endless(_: Any, terminated: Any) -> int:
    await terminated.wait()
    return 143


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Harness]:
    backend = FakeBackend()
    backend.images[IMAGE] = endless
    with serve(settings_in(tmp_path / "plane", NOBODY, quotas=QUOTAS), backend, FakeTraffic()) as harness:
        for name in ("old", "new"):
            harness.create_model(name)
        yield harness


def config(plane: Harness, name: str, *variants: dict[str, Any]) -> None:
    plane.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants))


def said(limit: int, used: int, asked: int, what: str = "ml.m5.large for endpoint usage") -> str:
    return (
        f"ResourceLimitExceeded.*'{what}' is {limit} Instances, with current utilization of {used} Instances and a "
        f"request delta of {asked} Instances"
    )


def test_a_quota_of_0_takes_no_instance_at_all(plane: Harness) -> None:
    config(plane, "none", variant("old", InstanceType="ml.c5.large"))
    with pytest.raises(ClientError, match=said(0, 0, 1, "ml.c5.large for endpoint usage")):
        plane.sm.create_endpoint(EndpointName="none", EndpointConfigName="none")


def test_endpoints_of_one_type_share_its_quota_and_other_types_have_their_own(plane: Harness) -> None:
    config(plane, "one", variant("old", InitialInstanceCount=2))
    plane.sm.create_endpoint(EndpointName="first", EndpointConfigName="one")
    with pytest.raises(ClientError, match=said(2, 2, 2)):
        plane.sm.create_endpoint(EndpointName="second", EndpointConfigName="one")
    config(plane, "other", variant("old", InstanceType="ml.m5.xlarge"))
    plane.sm.create_endpoint(EndpointName="third", EndpointConfigName="other")


def test_an_update_has_its_new_fleet_beside_the_old_one(plane: Harness) -> None:
    config(plane, "one", variant("old"))
    config(plane, "two", variant("new", InitialInstanceCount=2))
    config(plane, "same", variant("new"))
    plane.sm.create_endpoint(EndpointName="live", EndpointConfigName="one")
    plane.endpoint("live")
    with pytest.raises(ClientError, match=said(2, 1, 2)):
        plane.sm.update_endpoint(EndpointName="live", EndpointConfigName="two")
    plane.sm.update_endpoint(EndpointName="live", EndpointConfigName="same")
    assert plane.endpoint("live")["EndpointConfigName"] == "same"
    more = [{"VariantName": "new", "DesiredInstanceCount": 2}]
    plane.sm.update_endpoint_weights_and_capacities(EndpointName="live", DesiredWeightsAndCapacities=more)


def test_jobs_that_run_use_their_quota_up(plane: Harness) -> None:
    plane.sm.create_training_job(**training_request("first"))
    with pytest.raises(ClientError, match=said(1, 1, 1, "ml.m5.large for training job usage")):
        plane.sm.create_training_job(**training_request("second"))
    plane.sm.stop_training_job(TrainingJobName="first")


@pytest.mark.parametrize(
    "text", ["ml.m5.large=1", "endpoint/ml.m5.large", "endpoint/m5=1", "jobs/ml.m5.large=1"]
)
def test_quotas_that_say_nothing_are_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="write it as in endpoint"):
        read_settings({"AWS_ENDPOINT_URL": NOBODY, "SAGEMAKER_LOCAL_QUOTAS": text}, tmp_path)


def test_quotas_are_read_as_the_template_s_limits_are_written(tmp_path: Path) -> None:
    text = "endpoint/ml.m5.large=2,training/ml.g5.xlarge=0"
    found = read_settings({"AWS_ENDPOINT_URL": NOBODY, "SAGEMAKER_LOCAL_QUOTAS": text}, tmp_path).quotas
    assert found == {"endpoint/ml.m5.large": 2, "training/ml.g5.xlarge": 0}

"""The door's tables are AWS's: as the SageMaker SDK and the installed botocore have them."""

from __future__ import annotations

import json

import pytest

from switchyard.config.rules import image_tables, instance_tables
from switchyard.config.rules.images import framework_image, spark_image, versions, xgboost_image
from switchyard.config.rules.instances import is_taken, nearest, runs_on_arm
from tests.config.aws_tables.tables import IMAGES, OFFERED, instance_types

FACTS = json.loads(IMAGES.read_text())


def test_every_registry_is_the_sdks() -> None:
    """images.json is what the SDK says; `python -m tests.config.aws_tables` makes it and the module."""
    seen = 0
    for name, (uses, offered) in OFFERED.items():
        for use in uses:
            for version in offered:
                fact = FACTS[name][use][version]
                python, number = image_tables.IMAGES[name, use, version]
                assert (python, dict(image_tables.ACCOUNTS[number])) == (fact["python"], fact["accounts"])
                seen += 1
    assert seen == len(image_tables.IMAGES)


@pytest.mark.parametrize(
    ("use", "table"),
    [
        ("TRAINING", instance_tables.TRAINING),
        ("PROCESSING", instance_tables.PROCESSING),
        ("TRANSFORM", instance_tables.TRANSFORM),
        ("HOSTING", instance_tables.HOSTING),
    ],
)
def test_every_instance_type_is_botocores(use: str, table: dict[str, str]) -> None:
    ours = [f"{family}.{size}" for family, sizes in table.items() for size in sizes.split()]
    assert sorted(ours) == sorted(instance_types(use))


def test_spark_in_osaka_is_sparks_own_registry() -> None:
    assert spark_image("3.3", "ap-northeast-3").startswith("102471314380.dkr.ecr.ap-northeast-3.")


@pytest.mark.parametrize(
    "region", ["ca-west-1", "il-central-1", "ap-south-2", "eu-central-2", "us-gov-east-1"]
)
def test_regions_that_aws_serves_are_served(region: str) -> None:
    assert f".ecr.{region}." in xgboost_image("1.7-1", region)
    assert f".ecr.{region}." in spark_image("3.5", region)
    assert f".ecr.{region}." in framework_image("pytorch", "2.6", region, "inference", "ml.m5.large")


def test_all_versions_that_are_offered_train_and_serve() -> None:
    for framework in ("xgboost", "sklearn", "pytorch"):
        for version in versions(framework):
            assert (framework, "training", version) in image_tables.IMAGES
            assert (framework, "inference", version) in image_tables.IMAGES


def test_a_type_that_cannot_transform_is_known_and_what_is_proposed_can() -> None:
    assert is_taken("endpoint", "ml.c5.large")
    assert not is_taken("transform", "ml.c5.large")
    assert is_taken("transform", nearest("transform", "ml.c5.large").split(", ")[0])
    assert nearest("transform", "ml.c5.large").startswith("ml.c5.")


@pytest.mark.parametrize(
    ("kind", "arm"),
    [
        *(("ml.c7g.large", True), ("ml.m6gd.large", True), ("ml.r6gd.xlarge", True), ("ml.c6gn.large", True)),
        *(
            ("ml.g5.xlarge", False),
            ("ml.g4dn.xlarge", False),
            ("ml.m5.large", False),
            ("ml.c7i.large", False),
        ),
    ],
)
def test_graviton_is_told_from_gpus(kind: str, arm: bool) -> None:
    assert is_taken("endpoint", kind)
    assert runs_on_arm(kind) is arm

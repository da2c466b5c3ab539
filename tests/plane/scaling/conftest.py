"""Endpoints that scale: what each test here begins with."""

from __future__ import annotations

import pytest

from tests.plane.support.harness import Harness, variant


@pytest.fixture
def live(plane: Harness) -> Harness:
    """`live` serves the variant `old` with 2 instances; configs `both`, `only-new`, `larger` and `other-model` wait."""
    for name in ("old", "new"):
        plane.create_model(name)
    configs = {
        "only-old": [variant("old", InitialInstanceCount=2)],
        "both": [variant("old", 9, InitialInstanceCount=1), variant("new", 1)],
        "only-new": [variant("new")],
        "larger": [variant("old", InstanceType="ml.m5.xlarge")],
        "other-model": [variant("new", VariantName="old")],
    }
    for name, variants in configs.items():
        plane.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    plane.sm.create_endpoint(EndpointName="live", EndpointConfigName="only-old")
    plane.endpoint("live")
    return plane

"""Shadow variants over boto3: one beside one, shown apart, sampled by weight."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.harness import Harness, variant


@pytest.fixture
def shop(plane: Harness) -> Harness:
    for name in ("old", "new"):
        plane.create_model(name)
    return plane


def create(harness: Harness, name: str, production: list[Any], shadow: list[Any], **members: Any) -> None:
    harness.sm.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=production, ShadowProductionVariants=shadow, **members
    )


def test_a_shadow_is_started_shown_and_sampled_by_its_weight(shop: Harness) -> None:
    create(shop, "shadowed", [variant("old", 2.0)], [variant("new", 0.5)])
    described = shop.sm.describe_endpoint_config(EndpointConfigName="shadowed")
    assert described["ShadowProductionVariants"][0]["VariantName"] == "new"
    shop.sm.create_endpoint(EndpointName="live", EndpointConfigName="shadowed")
    endpoint = shop.endpoint("live")
    assert [each["VariantName"] for each in endpoint["ProductionVariants"]] == ["old"]
    (shadow,) = endpoint["ShadowProductionVariants"]
    assert (shadow["VariantName"], shadow["CurrentWeight"], shadow["CurrentInstanceCount"]) == ("new", 0.5, 1)
    running, share = shop.traffic.serving["live"].shadow or pytest.fail("no shadow")
    assert (running.spec.variant, share) == ("new", 0.25)
    assert [each.spec.variant for each, _ in shop.traffic.serving["live"].variants] == ["old"]


def test_its_weight_changes_as_a_variants_and_it_goes_with_its_config(shop: Harness) -> None:
    create(shop, "shadowed", [variant("old", 1.0)], [variant("new", 0.5)])
    shop.create_config("alone", {"old": 1})
    shop.sm.create_endpoint(EndpointName="live", EndpointConfigName="shadowed")
    shop.endpoint("live")
    desired = [{"VariantName": "new", "DesiredWeight": 3.0}]
    shop.sm.update_endpoint_weights_and_capacities(EndpointName="live", DesiredWeightsAndCapacities=desired)
    assert shop.endpoint("live")["ShadowProductionVariants"][0]["CurrentWeight"] == 3.0
    route = shop.traffic.serving["live"]
    assert route.shadow is not None
    assert route.shadow[1] == 1.0
    shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="alone")
    assert "ShadowProductionVariants" not in shop.endpoint("live")
    assert shop.traffic.serving["live"].shadow is None
    shop.sm.delete_endpoint(EndpointName="live")


def test_a_shadow_is_promoted_by_a_canary_of_its_model(shop: Harness) -> None:
    first = variant("old", VariantName="main", InitialInstanceCount=2)
    create(shop, "shadowed", [first], [variant("new")])
    shop.sm.create_endpoint(EndpointName="live", EndpointConfigName="shadowed")
    shop.endpoint("live")
    promoted = variant("new", VariantName="main", InitialInstanceCount=2)
    shop.sm.create_endpoint_config(EndpointConfigName="promoted", ProductionVariants=[promoted])
    size = {"Type": "INSTANCE_COUNT", "Value": 1}
    routing = {"Type": "CANARY", "WaitIntervalInSeconds": 0, "CanarySize": size}
    shop.sm.update_endpoint(
        EndpointName="live",
        EndpointConfigName="promoted",
        DeploymentConfig={"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}},
    )
    assert shop.endpoint("live")["EndpointConfigName"] == "promoted"
    assert shop.traffic.models[-2:] == [{"old": 0.5, "new": 0.5}, {"new": 1.0}]


@pytest.mark.parametrize(
    ("production", "shadow", "members", "text"),
    [
        (["old", "new"], ["third"], {}, "you can only specify one variant for ProductionVariants"),
        (["old"], ["new", "third"], {}, "found 1 and 2"),
        (["old"], ["old"], {}, "must be unique"),
        (
            ["old"],
            ["new"],
            {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/out"}}},
            "not supported together with AsyncInferenceConfig",
        ),
    ],
)
def test_refuses_what_aws_refuses(
    shop: Harness, production: list[str], shadow: list[str], members: dict[str, Any], text: str
) -> None:
    shop.create_model("third")
    with pytest.raises(ClientError, match=rf"\(ValidationException\).*{text}"):
        create(shop, "refused", [variant(n) for n in production], [variant(n) for n in shadow], **members)


def test_of_serverless_endpoints_is_refused(shop: Harness) -> None:
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    member = {"VariantName": "old", "ModelName": "old", "ServerlessConfig": serverless}
    with pytest.raises(ClientError, match="not supported for serverless"):
        create(shop, "refused", [member], [variant("new")])

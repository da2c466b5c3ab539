"""Endpoints over boto3: their states, what each state allows, and in which order the data plane is told."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.plane.support.fakes import FakeTraffic, succeed
from tests.plane.support.faults import script
from tests.plane.support.harness import IMAGE, Harness, eventually, variant

BROKEN = IMAGE.replace("toy:1", "broken:1")


@pytest.fixture
def shop(plane: Harness) -> Harness:
    """Two models, a config for each alone and one for both, and an endpoint `live` on the first."""
    plane.backend.images[BROKEN] = succeed
    plane.traffic.broken.add(BROKEN)
    for name in ("old", "new"):
        plane.create_model(name)
        plane.create_config(f"only-{name}", {name: 1})
    plane.create_config("canary", {"old": 9, "new": 1})
    plane.create_model("bad", BROKEN)
    plane.create_config("only-bad", {"bad": 1})
    plane.sm.create_endpoint(EndpointName="live", EndpointConfigName="only-old")
    assert plane.endpoint("live")["EndpointStatus"] == "InService"
    plane.traffic.calls.clear()
    return plane


def weights(endpoint: dict[str, Any]) -> dict[str, float]:
    return {each["VariantName"]: each["CurrentWeight"] for each in endpoint["ProductionVariants"]}


def served(traffic: FakeTraffic, endpoint: str = "live") -> dict[str, float]:
    return {running.spec.variant: weight for running, weight in traffic.serving[endpoint].variants}


def history(plane: Harness, endpoint: str) -> list[tuple[str, str, dict[str, float]]]:
    changes = httpx.get(f"{plane.url}/_local/history", params={"endpoint": endpoint}, trust_env=False).json()
    assert [each["at"] for each in changes] == sorted(each["at"] for each in changes)
    return [(each["status"], each["config"], each["weights"]) for each in changes]


class TestCreating:
    def test_serves_what_its_config_says(self, shop: Harness) -> None:
        shop.sm.create_endpoint(EndpointName="split", EndpointConfigName="canary")
        endpoint = shop.endpoint("split")
        assert endpoint["EndpointArn"] == "arn:aws:sagemaker:us-east-1:000000000000:endpoint/split"
        assert endpoint["EndpointConfigName"] == "canary"
        assert weights(endpoint) == served(shop.traffic, "split") == {"old": 9.0, "new": 1.0}
        first = endpoint["ProductionVariants"][0]
        assert first["DesiredWeight"] == first["CurrentWeight"]
        assert first["DesiredInstanceCount"] == first["CurrentInstanceCount"] == 1
        assert first["DeployedImages"][0]["SpecifiedImage"] == IMAGE
        assert history(shop, "split") == [
            ("Creating", "canary", {}),
            ("InService", "canary", {"old": 9.0, "new": 1.0}),
        ]

    def test_shows_what_is_being_made(self, shop: Harness) -> None:
        shop.traffic.gate.clear()
        shop.sm.create_endpoint(EndpointName="young", EndpointConfigName="only-new")
        endpoint = shop.sm.describe_endpoint(EndpointName="young")
        assert endpoint["EndpointStatus"] == "Creating"
        assert endpoint["PendingDeploymentSummary"]["EndpointConfigName"] == "only-new"
        assert "ProductionVariants" not in endpoint
        for refused in (
            lambda: shop.sm.delete_endpoint(EndpointName="young"),
            lambda: shop.sm.update_endpoint(EndpointName="young", EndpointConfigName="canary"),
        ):
            with pytest.raises(ClientError, match=r'Cannot update in-progress endpoint ".*:endpoint/young"'):
                refused()
        shop.traffic.gate.set()
        assert "PendingDeploymentSummary" not in shop.endpoint("young")

    def test_fails_for_good_when_its_variant_does_not_come_up(self, shop: Harness) -> None:
        shop.sm.create_endpoint(EndpointName="doomed", EndpointConfigName="only-bad")
        endpoint = shop.endpoint("doomed")
        assert endpoint["EndpointStatus"] == "Failed"
        assert "did not pass the ping health check" in endpoint["FailureReason"]
        with pytest.raises(ClientError, match="only operation that can be performed on a failed endpoint"):
            shop.sm.update_endpoint(EndpointName="doomed", EndpointConfigName="only-old")
        shop.sm.delete_endpoint(EndpointName="doomed")
        eventually(lambda: history(shop, "doomed")[-1][0] == "Deleted")

    def test_settles_when_the_data_plane_breaks(self, shop: Harness) -> None:
        shop.traffic.crashing.add(IMAGE)
        shop.sm.create_endpoint(EndpointName="unlucky", EndpointConfigName="only-new")
        assert "broke off (RuntimeError)" in shop.endpoint("unlucky")["FailureReason"]

    def test_refuses_a_name_in_use_whatever_its_case(self, shop: Harness) -> None:
        with pytest.raises(ClientError, match=r'Cannot create already existing endpoint ".*:endpoint/live"'):
            shop.sm.create_endpoint(EndpointName="LIVE", EndpointConfigName="only-new")

    def test_refuses_more_instances_than_the_machine_has(self, shop: Harness) -> None:
        many = [variant("new", InitialInstanceCount=20)]
        shop.sm.create_endpoint_config(EndpointConfigName="many", ProductionVariants=many)
        with pytest.raises(shop.sm.exceptions.ResourceLimitExceeded, match="current utilization of 1 Inst"):
            shop.sm.create_endpoint(EndpointName="huge", EndpointConfigName="many")
        with pytest.raises(ClientError, match="Could not find endpoint"):
            shop.sm.describe_endpoint(EndpointName="huge")


class TestUpdating:
    def test_swaps_the_route_before_it_stops_the_old(self, shop: Harness) -> None:
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="only-new")
        endpoint = shop.endpoint("live")
        assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "only-new")
        calls = eventually(lambda: shop.traffic.calls, lambda seen: len(seen) == 3)
        assert calls == [("start", "new"), ("route", {"new": 1.0}), ("stop", "old")]

    def test_keeps_a_variant_that_stays_the_same(self, shop: Harness) -> None:
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="canary")
        assert weights(shop.endpoint("live")) == {"old": 9.0, "new": 1.0}
        assert shop.traffic.calls == [("start", "new"), ("route", {"old": 9.0, "new": 1.0})]

    def test_restarts_a_variant_of_the_same_name_with_another_model(self, shop: Harness) -> None:
        shop.sm.create_endpoint_config(
            EndpointConfigName="renamed", ProductionVariants=[variant("new", VariantName="old")]
        )
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="renamed")
        shop.endpoint("live")
        calls = eventually(lambda: shop.traffic.calls, lambda seen: len(seen) == 3)
        assert calls == [("start", "old"), ("route", {"old": 1.0}), ("stop", "old")]

    def test_returns_to_the_old_config_when_the_new_does_not_come_up(self, shop: Harness) -> None:
        shop.create_config("half-bad", {"new": 1, "bad": 1})
        before = shop.traffic.serving["live"]
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="half-bad")
        endpoint = shop.endpoint("live")
        assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "only-old")
        assert "did not pass the ping health check" in endpoint["FailureReason"]
        assert weights(endpoint) == {"old": 1.0}
        assert shop.traffic.serving["live"] is before
        assert shop.traffic.calls == [("start", "new"), ("stop", "new")]
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="only-new")
        assert "FailureReason" not in shop.endpoint("live")

    def test_shows_the_old_config_until_the_swap(self, shop: Harness) -> None:
        shop.traffic.gate.clear()
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="only-new")
        endpoint = shop.sm.describe_endpoint(EndpointName="live")
        assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("Updating", "only-old")
        assert endpoint["PendingDeploymentSummary"]["EndpointConfigName"] == "only-new"
        assert served(shop.traffic) == {"old": 1.0}
        desired = [{"VariantName": "old", "DesiredWeight": 0.5}]
        for refused in (
            lambda: shop.sm.delete_endpoint(EndpointName="live"),
            lambda: shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="canary"),
            lambda: shop.sm.update_endpoint_weights_and_capacities(
                EndpointName="live", DesiredWeightsAndCapacities=desired
            ),
        ):
            with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
                refused()

    def test_resets_weights_unless_it_is_told_to_retain_them(self, shop: Harness) -> None:
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="canary")
        shop.endpoint("live")
        desired = [{"VariantName": "new", "DesiredWeight": 5}]
        shop.sm.update_endpoint_weights_and_capacities(
            EndpointName="live", DesiredWeightsAndCapacities=desired
        )
        shop.endpoint("live")
        for name in ("canary-2", "canary-3", "canary-4"):
            shop.create_config(name, {"old": 9, "new": 1})
        shop.sm.update_endpoint(
            EndpointName="live", EndpointConfigName="canary-2", RetainAllVariantProperties=True
        )
        assert weights(shop.endpoint("live")) == {"old": 9.0, "new": 5.0}
        shop.sm.update_endpoint(
            EndpointName="live",
            EndpointConfigName="canary-3",
            RetainAllVariantProperties=True,
            ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
        )
        assert weights(shop.endpoint("live")) == {"old": 9.0, "new": 1.0}
        shop.sm.update_endpoint_weights_and_capacities(
            EndpointName="live", DesiredWeightsAndCapacities=desired
        )
        shop.endpoint("live")
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="canary-4")
        assert weights(shop.endpoint("live")) == {"old": 9.0, "new": 1.0}

    def test_captures_as_before_where_it_is_told_to_retain_that_too(self, shop: Harness) -> None:
        """DataCaptureConfig is a VariantPropertyType beside weight and count."""
        for number, percent in enumerate((10, 20, 30)):
            capture = {
                "InitialSamplingPercentage": percent,
                "DestinationS3Uri": "s3://b/captured",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            }
            shop.create_config(f"captured-{number}", {"old": 1}, DataCaptureConfig=capture)
        shop.create_config("uncaptured", {"old": 1})
        kept: dict[str, Any] = {"RetainAllVariantProperties": True}
        overridden = kept | {
            "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DataCaptureConfig"}]
        }
        for config, members, percent in (
            ("captured-0", kept, 10),  # there was none to keep
            ("captured-1", kept, 10),
            ("uncaptured", kept, 10),
            ("captured-2", overridden, 30),
            ("captured-0", {}, 10),
        ):
            shop.sm.update_endpoint(EndpointName="live", EndpointConfigName=config, **members)
            found = shop.endpoint("live")["DataCaptureConfig"]
            assert (config, found["CurrentSamplingPercentage"]) == (config, percent)

    def test_outlives_the_deletion_of_its_config_and_model(self, shop: Harness) -> None:
        shop.sm.delete_endpoint_config(EndpointConfigName="only-old")
        shop.sm.delete_model(ModelName="old")
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="only-bad")
        endpoint = shop.endpoint("live")
        assert endpoint["EndpointConfigName"] == "only-old"
        assert served(shop.traffic) == {"old": 1.0}

    def test_refuses_a_config_that_is_not_there(self, shop: Harness) -> None:
        with pytest.raises(ClientError, match=r'Could not find endpoint configuration ".*/nowhere"'):
            shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="nowhere")
        assert shop.sm.describe_endpoint(EndpointName="live")["EndpointStatus"] == "InService"


class TestWeights:
    def test_shifts_traffic_between_variants_without_touching_them(self, shop: Harness) -> None:
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="canary")
        shop.endpoint("live")
        shop.traffic.calls.clear()
        shop.sm.update_endpoint_weights_and_capacities(
            EndpointName="live", DesiredWeightsAndCapacities=[{"VariantName": "new", "DesiredWeight": 2.5}]
        )
        assert weights(shop.endpoint("live")) == {"old": 9.0, "new": 2.5}
        assert shop.traffic.calls == [("route", {"old": 9.0, "new": 2.5})]
        assert history(shop, "live")[-2:] == [
            ("Updating", "canary", {"old": 9.0, "new": 1.0}),
            ("InService", "canary", {"old": 9.0, "new": 2.5}),
        ]

    def test_shows_desired_and_current_while_they_differ(self, shop: Harness) -> None:
        script(shop, {"fault": "stuck", "endpoint": "live"})
        desired = [{"VariantName": "old", "DesiredWeight": 3, "DesiredInstanceCount": 2}]
        shop.sm.update_endpoint_weights_and_capacities(
            EndpointName="live", DesiredWeightsAndCapacities=desired
        )
        seen = shop.sm.describe_endpoint(EndpointName="live")["ProductionVariants"][0]
        assert (seen["CurrentWeight"], seen["DesiredWeight"]) == (1.0, 3.0)
        assert (seen["CurrentInstanceCount"], seen["DesiredInstanceCount"]) == (1, 2)
        script(shop)
        seen = shop.endpoint("live")["ProductionVariants"][0]
        assert (seen["CurrentWeight"], seen["CurrentInstanceCount"]) == (3.0, 2)
        assert shop.traffic.calls == [("resize", ("old", 2)), ("route", {"old": 3.0})]
        assert [each.spec.instance_count for each, _ in shop.traffic.serving["live"].variants] == [2]

    def test_instances_come_and_go_in_a_variant_that_stays(self, shop: Harness) -> None:
        for count in (3, 1):
            desired = [{"VariantName": "old", "DesiredInstanceCount": count}]
            shop.sm.update_endpoint_weights_and_capacities(
                EndpointName="live", DesiredWeightsAndCapacities=desired
            )
            assert shop.endpoint("live")["ProductionVariants"][0]["CurrentInstanceCount"] == count
        assert [change for call, change in shop.traffic.calls if call == "resize"] == [("old", 3), ("old", 1)]

    def test_instances_that_do_not_come_up_leave_all_as_it_was(self, shop: Harness) -> None:
        shop.traffic.broken.add(IMAGE)
        desired = [{"VariantName": "old", "DesiredInstanceCount": 2}]
        shop.sm.update_endpoint_weights_and_capacities(
            EndpointName="live", DesiredWeightsAndCapacities=desired
        )
        endpoint = shop.endpoint("live")
        assert endpoint["EndpointStatus"] == "InService"
        assert "no more instances come up" in endpoint["FailureReason"]
        assert endpoint["ProductionVariants"][0]["CurrentInstanceCount"] == 1
        assert shop.traffic.calls == []

    def test_keeps_the_weight_of_a_variant_named_without_one(self, shop: Harness) -> None:
        desired = [{"VariantName": "old", "DesiredInstanceCount": 2}]
        shop.sm.update_endpoint_weights_and_capacities(
            EndpointName="live", DesiredWeightsAndCapacities=desired
        )
        assert weights(shop.endpoint("live")) == {"old": 1.0}

    def test_refuses_a_variant_that_is_not_there(self, shop: Harness) -> None:
        desired = [{"VariantName": "ghost", "DesiredWeight": 1}]
        with pytest.raises(ClientError, match=r'\(ValidationException\).*"ghost" does not exist.*has: old'):
            shop.sm.update_endpoint_weights_and_capacities(
                EndpointName="live", DesiredWeightsAndCapacities=desired
            )


class TestDeleting:
    def test_takes_the_route_away_first_and_leaves_the_history(self, shop: Harness) -> None:
        shop.sm.delete_endpoint(EndpointName="live")
        waiter = shop.sm.get_waiter("endpoint_deleted")
        waiter.wait(EndpointName="live", WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
        assert shop.traffic.calls == [("unroute", "live"), ("stop", "old")]
        assert [status for status, _, _ in history(shop, "live")][-2:] == ["Deleting", "Deleted"]
        shop.sm.create_endpoint(EndpointName="live", EndpointConfigName="only-new")
        assert shop.endpoint("live")["EndpointStatus"] == "InService"

    def test_of_an_unknown_endpoint_is_refused(self, sm: Any) -> None:
        with pytest.raises(ClientError, match=r'\(ValidationException\).*Could not find endpoint ".*/none"'):
            sm.delete_endpoint(EndpointName="none")


class TestCapture:
    def test_reaches_the_route_and_the_description(self, shop: Harness) -> None:
        capture = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 50,
            "DestinationS3Uri": "s3://bucket/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
        }
        shop.create_config("captured", {"new": 1}, DataCaptureConfig=capture)
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="captured")
        summary = shop.endpoint("live")["DataCaptureConfig"]
        assert (summary["CaptureStatus"], summary["CurrentSamplingPercentage"]) == ("Started", 50)
        config = shop.traffic.serving["live"].capture
        assert config is not None
        assert config.destination == "s3://bucket/capture"
        assert config.modes == {"Input", "Output"}
        assert config.csv_content_types == ("text/csv",)
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="only-new")
        assert "DataCaptureConfig" not in shop.endpoint("live")
        assert shop.traffic.serving["live"].capture is None

    def test_is_enabled_unless_it_is_disabled(self, shop: Harness) -> None:
        """ "Whether data capture should be enabled or disabled (defaults to enabled)"."""
        capture = {
            "InitialSamplingPercentage": 50,
            "DestinationS3Uri": "s3://bucket/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        }
        shop.create_config("captured", {"new": 1}, DataCaptureConfig=capture)
        shown = shop.sm.describe_endpoint_config(EndpointConfigName="captured")["DataCaptureConfig"]
        assert shown == capture | {"EnableCapture": True}
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="captured")
        assert shop.endpoint("live")["DataCaptureConfig"]["CaptureStatus"] == "Started"
        assert shop.traffic.serving["live"].capture is not None
        off = {"DataCaptureConfig": capture | {"EnableCapture": False}}
        shop.create_config("not-captured", {"new": 1}, **off)
        shop.sm.update_endpoint(EndpointName="live", EndpointConfigName="not-captured")
        assert shop.endpoint("live")["DataCaptureConfig"]["CaptureStatus"] == "Stopped"
        assert shop.traffic.serving["live"].capture is None
        output = {"OutputConfig": {"S3OutputPath": "s3://bucket/out"}}
        with pytest.raises(ClientError, match="DataCaptureConfig is not supported together with"):
            shop.create_config("both", {"new": 1}, DataCaptureConfig=capture, AsyncInferenceConfig=output)


class TestConfigs:
    @pytest.mark.parametrize(
        ("variants", "text"),
        [
            ([variant("nowhere")], 'Could not find model ".*:model/nowhere"'),
            ([variant("old"), variant("old")], "must be unique"),
            ([{"VariantName": "a", "ModelName": "old"}], "needs InstanceType"),
            (
                [variant("old", ManagedInstanceScaling={"Status": "ENABLED"})],
                "only supported for inference component",
            ),
        ],
    )
    def test_refuse_variants_that_cannot_serve(self, shop: Harness, variants: list[Any], text: str) -> None:
        with pytest.raises(ClientError, match=text):
            shop.sm.create_endpoint_config(EndpointConfigName="refused", ProductionVariants=variants)

    def test_and_models_are_found_only_while_they_exist(self, shop: Harness) -> None:
        with pytest.raises(ClientError, match="Cannot create already existing endpoint configuration"):
            shop.create_config("canary", {"old": 1})
        with pytest.raises(ClientError, match="Cannot create already existing model"):
            shop.create_model("old")
        with pytest.raises(ClientError, match="Requested image ghost:1 not found"):
            shop.create_model("ghost", "ghost:1")
        shop.sm.delete_endpoint_config(EndpointConfigName="canary")
        with pytest.raises(ClientError, match="Could not find endpoint configuration"):
            shop.sm.describe_endpoint_config(EndpointConfigName="canary")
        shop.sm.delete_model(ModelName="new")
        with pytest.raises(ClientError, match="Could not find model"):
            shop.sm.delete_model(ModelName="new")

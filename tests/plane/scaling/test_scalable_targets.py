"""Application Auto Scaling over boto3: targets, policies, and what SageMaker refuses while there are any."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.scaling.scaled import PLACE, RESOURCE, counts, register, track
from tests.plane.support.harness import Harness, variant


def targets(plane: Harness, **members: Any) -> list[dict[str, Any]]:
    answer = plane.scaling.describe_scalable_targets(ServiceNamespace="sagemaker", **members)
    return list(answer["ScalableTargets"])


def policies(plane: Harness) -> list[str]:
    answer = plane.scaling.describe_scaling_policies(ServiceNamespace="sagemaker")
    return [each["PolicyName"] for each in answer["ScalingPolicies"]]


class TestTargets:
    def test_a_variant_is_registered_shown_and_deregistered_with_its_policies(self, live: Harness) -> None:
        assert ":scalable-target/" in register(live)["ScalableTargetARN"]
        track(live, 100)
        (target,) = targets(live, ResourceIds=[RESOURCE])
        assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
        assert not target["SuspendedState"]["DynamicScalingInSuspended"]
        assert policies(live) == ["load"]
        live.scaling.deregister_scalable_target(**PLACE, ResourceId=RESOURCE)
        assert targets(live) == policies(live) == []

    def test_what_is_not_named_stays_as_it_was(self, live: Harness) -> None:
        register(live)
        live.scaling.register_scalable_target(**PLACE, ResourceId=RESOURCE, MaxCapacity=9)
        assert [(each["MinCapacity"], each["MaxCapacity"]) for each in targets(live)] == [(1, 9)]

    def test_what_is_suspended_stays_so_until_it_is_resumed(self, live: Harness) -> None:
        register(live)
        for state in ({"DynamicScalingInSuspended": True}, {"ScheduledScalingSuspended": True}):
            live.scaling.register_scalable_target(**PLACE, ResourceId=RESOURCE, SuspendedState=state)
        assert [each["SuspendedState"] for each in targets(live)] == [
            {
                "DynamicScalingInSuspended": True,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": True,
            }
        ]

    def test_a_target_is_tagged_when_it_is_made(self, live: Harness) -> None:
        asked = {**PLACE, "ResourceId": RESOURCE, "MinCapacity": 1, "MaxCapacity": 4, "Tags": {"a": "b"}}
        live.scaling.register_scalable_target(**asked)
        with pytest.raises(ClientError, match="that you tried to tag already exists"):
            live.scaling.register_scalable_target(**asked)

    def test_registering_brings_the_count_into_the_range(self, live: Harness) -> None:
        register(live, 3, 5)
        assert counts(live) == {"old": 3}
        register(live, 1, 1)
        assert counts(live) == {"old": 1}

    def test_pages(self, live: Harness) -> None:
        live.sm.create_endpoint(EndpointName="split", EndpointConfigName="both")
        live.endpoint("split")
        for name in ("old", "new"):
            register(live, resource=f"endpoint/split/variant/{name}")
        pages = live.scaling.get_paginator("describe_scalable_targets")
        found = pages.paginate(ServiceNamespace="sagemaker", PaginationConfig={"PageSize": 1})
        assert [len(page["ScalableTargets"]) for page in found] == [1, 1]
        with pytest.raises(ClientError, match="InvalidNextTokenException"):
            targets(live, NextToken="x")

    @pytest.mark.parametrize(
        ("members", "words"),
        [
            ({"ResourceId": "endpoint/live/variant/absent"}, "No SageMaker endpoint variant"),
            ({"ResourceId": "endpoint/absent/variant/old"}, "No SageMaker endpoint variant"),
            ({"ResourceId": "service/cluster/name"}, "not that of a SageMaker endpoint variant"),
            ({"MinCapacity": 5}, "at most the maximum capacity"),
            ({"ServiceNamespace": "ecs"}, "alone"),
            ({"ScalableDimension": "nonsense"}, "Member must satisfy enum value set"),
        ],
    )
    def test_refuses(self, live: Harness, members: dict[str, Any], words: str) -> None:
        asked = {**PLACE, "ResourceId": RESOURCE, "MinCapacity": 1, "MaxCapacity": 4} | members
        with pytest.raises(ClientError, match=words):
            live.scaling.register_scalable_target(**asked)

    @pytest.mark.parametrize(
        ("operation", "size", "words"),
        [
            ("describe_scalable_targets", 0, "between 1 and 50; found 0"),
            ("describe_scalable_targets", 51, "between 1 and 50"),
            ("describe_scaling_policies", 11, "between 1 and 10"),
            ("describe_scaling_policies", -1, "between 1 and 10"),
        ],
    )
    def test_pages_have_the_sizes_that_are_documented(
        self, live: Harness, operation: str, size: int, words: str
    ) -> None:
        """By pages of none a list would never end."""
        with pytest.raises(ClientError, match=words):
            getattr(live.scaling, operation)(ServiceNamespace="sagemaker", MaxResults=size)

    def test_a_new_target_needs_both_ends(self, live: Harness) -> None:
        with pytest.raises(ClientError, match="MinCapacity must be specified"):
            live.scaling.register_scalable_target(**PLACE, ResourceId=RESOURCE, MaxCapacity=2)

    def test_missing_ones_are_not_found(self, live: Harness) -> None:
        scaling = live.scaling
        with pytest.raises(scaling.exceptions.ObjectNotFoundException):
            scaling.deregister_scalable_target(**PLACE, ResourceId=RESOURCE)
        with pytest.raises(
            scaling.exceptions.ObjectNotFoundException, match="No scalable target registered for"
        ):
            track(live, 1)
        register(live)
        with pytest.raises(scaling.exceptions.ObjectNotFoundException):
            scaling.delete_scaling_policy(**PLACE, ResourceId=RESOURCE, PolicyName="absent")

    @pytest.mark.parametrize("kind", ["ml.t2.medium", "ml.t2.2xlarge"])
    def test_burstable_instances_are_not_scaled(self, live: Harness, kind: str) -> None:
        """Registering checks that "you aren't registering a variant with ... a burstable performance instance"."""
        burstable = variant("old", InstanceType=kind)
        live.sm.create_endpoint_config(EndpointConfigName="burstable", ProductionVariants=[burstable])
        live.sm.create_endpoint(EndpointName="small", EndpointConfigName="burstable")
        with pytest.raises(ClientError, match=rf"\(ValidationException\).*burstable instances.*{kind}"):
            register(live, resource="endpoint/small/variant/old")

    def test_a_policy_is_changed_and_deleted(self, live: Harness) -> None:
        register(live)
        track(live, 100)
        track(live, 200)
        (policy,) = live.scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
        assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 200
        live.scaling.delete_scaling_policy(**PLACE, ResourceId=RESOURCE, PolicyName="load")
        assert policies(live) == []

    @pytest.mark.parametrize(
        ("kind", "config", "words"),
        [
            ("PredictiveScaling", {}, "does not carry out"),
            ("StepScaling", {}, "needs StepScalingPolicyConfiguration"),
            (
                "StepScaling",
                {"StepScalingPolicyConfiguration": {"AdjustmentType": "ExactCapacity"}},
                "StepAdjustments",
            ),
            (
                "TargetTrackingScaling",
                {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1.0}},
                "needs either",
            ),
            (
                "TargetTrackingScaling",
                {
                    "TargetTrackingScalingPolicyConfiguration": {
                        "TargetValue": 1.0,
                        "CustomizedMetricSpecification": {
                            "MetricName": "a",
                            "Namespace": "b",
                            "Statistic": "Sum",
                            "Metrics": [{"Id": "m1", "Expression": "1"}],
                        },
                    }
                },
                "takes Metrics or the members of one metric, not both",
            ),
        ],
    )
    def test_refuses_policies(self, live: Harness, kind: str, config: dict[str, Any], words: str) -> None:
        register(live)
        asked = {**PLACE, "ResourceId": RESOURCE, "PolicyName": "load", "PolicyType": kind}
        with pytest.raises(ClientError, match=words):
            live.scaling.put_scaling_policy(**asked, **config)

    @pytest.mark.parametrize(
        ("steps", "members", "words"),
        [
            ([(0, 10), (5, None)], {}, "can't overlap or have a gap"),
            ([(0, 10), (20, None)], {}, "can't overlap or have a gap"),
            ([(0, None), (20, None)], {}, "can't overlap or have a gap"),
            ([(10, 0)], {}, "must be greater than its lower bound"),
            ([(None, None)], {}, "can't be unspecified in the same"),
            ([(1, 2)], {}, "unspecified upper bound .* when one StepAdjustment has a positive upper bound"),
            ([(-2, -1)], {}, "unspecified lower bound .* when one StepAdjustment has a negative lower bound"),
            ([(n, n + 1) for n in range(20)] + [(20, None)], {}, "at most 20 step adjustments"),
            ([(0, None)], {"MinAdjustmentMagnitude": 2}, "only for AdjustmentType PercentChangeInCapacity"),
            ([(0, None)], {"AdjustmentType": "ExactCapacity"}, "must not be negative"),
            ([(0, None)], {"Cooldown": -1}, "Cooldown must not be negative; found -1"),
        ],
    )
    def test_refuses_steps(
        self, live: Harness, steps: list[tuple[float | None, ...]], members: dict[str, Any], words: str
    ) -> None:
        register(live)
        with pytest.raises(ClientError, match=rf"\(ValidationException\).*{words}"):
            put_steps(live, steps, **members)

    def test_takes_steps_that_cover_a_side_or_both(self, live: Harness) -> None:
        register(live)
        for steps in ([(0, None)], [(None, 0)], [(10, None), (0, 10)], [(None, -5), (-5, 0), (0, None)]):
            put_steps(live, steps)

    @pytest.mark.parametrize(
        ("members", "words"),
        [
            ({"TargetValue": 0}, "not a valid number"),
            ({"TargetValue": 1e200}, "not a valid number"),
            ({"ScaleInCooldown": -1}, "must not be negative"),
            (
                {
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance",
                        "ResourceLabel": "app/x",
                    }
                },
                "ResourceLabel is only for",
            ),
        ],
    )
    def test_refuses_targets_of_tracking(self, live: Harness, members: dict[str, Any], words: str) -> None:
        register(live)
        with pytest.raises(ClientError, match=rf"\(ValidationException\).*{words}"):
            track(live, members.pop("TargetValue", 10), **members)

    def test_one_metric_has_one_policy_and_one_policy_one_type(self, live: Harness) -> None:
        register(live)
        track(live, 100)
        put_steps(live, [(0, None)], name="steps")
        config = live.scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"][0]
        asked = {
            **PLACE,
            "ResourceId": RESOURCE,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": config["TargetTrackingScalingPolicyConfiguration"],
        }
        with pytest.raises(ClientError, match="Only one TargetTrackingScaling policy for a given metric"):
            live.scaling.put_scaling_policy(**asked, PolicyName="second")
        live.scaling.put_scaling_policy(**asked, PolicyName="load")
        put_steps(live, [(0, None)], name="load")
        shown = live.scaling.describe_scaling_policies(ServiceNamespace="sagemaker", PolicyNames=["load"])
        (policy,) = shown["ScalingPolicies"]
        assert policy["PolicyType"] == "StepScaling"
        assert "TargetTrackingScalingPolicyConfiguration" not in policy

    def test_a_target_has_at_most_50_policies(self, live: Harness) -> None:
        """ "Scaling policies per scalable target: 50" (Application Auto Scaling, quotas)."""
        register(live)
        track(live, 100)
        for number in range(49):
            put_steps(live, [(0, None)], name=f"steps-{number}")
        put_steps(live, [(5, None)], name="steps-0")  # a change is no further one
        with pytest.raises(live.scaling.exceptions.LimitExceededException, match="at most 50"):
            put_steps(live, [(0, None)], name="one-more")

    def test_a_dimension_is_asked_for_with_a_resource(self, live: Harness) -> None:
        register(live)
        dimension = PLACE["ScalableDimension"]
        with pytest.raises(ClientError, match="must also specify a resource ID"):
            targets(live, ScalableDimension=dimension)
        assert len(targets(live, ScalableDimension=dimension, ResourceIds=[RESOURCE])) == 1


def put_steps(
    plane: Harness, steps: list[tuple[float | None, ...]], name: str = "steps", **members: Any
) -> None:
    """A step policy that takes instances away; steps: lower and upper bound."""
    adjustments = [
        {"ScalingAdjustment": -1}
        | ({} if low is None else {"MetricIntervalLowerBound": low})
        | ({} if high is None else {"MetricIntervalUpperBound": high})
        for low, high in steps
    ]
    plane.scaling.put_scaling_policy(
        **PLACE,
        ResourceId=RESOURCE,
        PolicyName=name,
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={"AdjustmentType": "ChangeInCapacity", "StepAdjustments": adjustments}
        | members,
    )


class TestEndpointsOfTargets:
    @pytest.mark.parametrize(
        ("config", "words"), [("only-new", "would be removed"), ("larger", "change its instance type")]
    )
    def test_an_update_that_removes_or_resizes_a_target_is_refused(
        self, live: Harness, config: str, words: str
    ) -> None:
        register(live)
        with pytest.raises(ClientError, match=words):
            live.sm.update_endpoint(EndpointName="live", EndpointConfigName=config)
        assert live.endpoint("live")["EndpointConfigName"] == "only-old"
        live.scaling.deregister_scalable_target(**PLACE, ResourceId=RESOURCE)
        live.sm.update_endpoint(EndpointName="live", EndpointConfigName=config)
        assert live.endpoint("live")["EndpointConfigName"] == config

    @pytest.mark.parametrize("config", ["both", "other-model"])
    def test_others_pass(self, live: Harness, config: str) -> None:
        register(live)
        live.sm.update_endpoint(EndpointName="live", EndpointConfigName=config)
        assert live.endpoint("live")["EndpointConfigName"] == config

    def test_counts_are_kept_when_asked_for(self, live: Harness) -> None:
        register(live, 3, 4)
        assert counts(live) == {"old": 3}
        live.sm.update_endpoint(
            EndpointName="live",
            EndpointConfigName="both",
            RetainAllVariantProperties=True,
            ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
        )
        assert counts(live) == {"old": 3, "new": 1}

    def test_deleting_the_endpoint_deregisters_its_targets(self, live: Harness) -> None:
        register(live)
        track(live, 100)
        live.sm.delete_endpoint(EndpointName="live")
        assert targets(live) == policies(live) == []

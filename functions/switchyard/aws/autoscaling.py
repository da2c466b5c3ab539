"""Application Auto Scaling of SageMaker's endpoint variants."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from switchyard.aws.calls import ignoring
from switchyard.core.pipeline import ASYNC, Scaling
from switchyard.core.resources.scaling import Policy, ScalableTarget, load_policy, policy_names, wake_policy

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

SERVICE: Any = {"ServiceNamespace": "sagemaker"}
PLACE: Any = {**SERVICE, "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
GONE = ("ObjectNotFoundException",)
NAMESPACE = "AWS/SageMaker"


class ApplicationAutoscaling:
    """Fulfils ports.Autoscaling. prefix: of the stack, and of the policies that are its own."""

    def __init__(self, client: Any, cloudwatch: "CloudWatchClient", prefix: str) -> None:
        self._client, self._cloudwatch, self._prefix = client, cloudwatch, prefix

    def targets(self, endpoint: str) -> Sequence[ScalableTarget]:
        """Targets are not listed by endpoint: all of SageMaker's are gone through.

        "If you specify a scalable dimension, you must also specify a resource ID" (DescribeScalableTargets).
        """
        start = f"endpoint/{endpoint}/variant/"
        pages = self._client.get_paginator("describe_scalable_targets").paginate(**SERVICE)
        found = [each for page in pages for each in page["ScalableTargets"] if each | PLACE == each]
        return [self._target(each) for each in found if each["ResourceId"].startswith(start)]

    def _target(self, found: Any) -> ScalableTarget:
        pages = self._client.get_paginator("describe_scaling_policies").paginate(
            **PLACE, ResourceId=found["ResourceId"]
        )
        policies = tuple(_policy(each) for page in pages for each in page["ScalingPolicies"])
        variant = found["ResourceId"].rpartition("/")[2]
        return ScalableTarget(variant, found["MinCapacity"], found["MaxCapacity"], policies)

    def keep(self, endpoint: str, variant: str, mode: str, scaling: Scaling) -> None:
        resource = _resource(endpoint, variant)
        self._client.register_scalable_target(
            **resource, MinCapacity=scaling.minimum, MaxCapacity=scaling.maximum
        )
        self._client.put_scaling_policy(
            **resource,
            PolicyName=load_policy(self._prefix),
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=_tracking(endpoint, mode, scaling),
        )
        if wake_policy(self._prefix) in policy_names(self._prefix, mode, scaling):
            self._wake(endpoint, resource, scaling)

    def _wake(self, endpoint: str, resource: Any, scaling: Scaling) -> None:
        """Target tracking cannot leave zero while the backlog is below its target: a step does, on an alarm of ours."""
        answer = self._client.put_scaling_policy(
            **resource,
            PolicyName=wake_policy(self._prefix),
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity",
                "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
                "Cooldown": scaling.scale_out_seconds,
            },
        )
        self._cloudwatch.put_metric_alarm(
            AlarmName=f"{endpoint}-wake",
            AlarmDescription="Brings an asynchronous endpoint its first instance when a request waits.",
            Namespace=NAMESPACE,
            MetricName="HasBacklogWithoutCapacity",
            Dimensions=[{"Name": "EndpointName", "Value": endpoint}],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1.0,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="missing",
            AlarmActions=[answer["PolicyARN"]],
        )

    def release(self, endpoint: str, variant: str) -> None:
        ignoring(GONE, lambda: self._client.deregister_scalable_target(**_resource(endpoint, variant)))


def _resource(endpoint: str, variant: str) -> Any:
    return {**PLACE, "ResourceId": f"endpoint/{endpoint}/variant/{variant}"}


def _policy(found: Any) -> Policy:
    tracking = found.get("TargetTrackingScalingPolicyConfiguration") or {}
    times = (int(tracking.get(f"{way}Cooldown", 0)) for way in ("ScaleIn", "ScaleOut"))
    return Policy(found["PolicyName"], tracking.get("TargetValue"), *times)


def _tracking(endpoint: str, mode: str, scaling: Scaling) -> Any:
    """By invocations per instance; of an asynchronous endpoint by what waits, per instance."""
    if mode == ASYNC:
        metric: Any = {
            "CustomizedMetricSpecification": {
                "MetricName": "ApproximateBacklogSizePerInstance",
                "Namespace": NAMESPACE,
                "Dimensions": [{"Name": "EndpointName", "Value": endpoint}],
                "Statistic": "Average",
            }
        }
    else:
        predefined = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
        metric = {"PredefinedMetricSpecification": predefined}
    times = {"ScaleInCooldown": scaling.scale_in_seconds, "ScaleOutCooldown": scaling.scale_out_seconds}
    return {"TargetValue": scaling.target, **times, **metric}

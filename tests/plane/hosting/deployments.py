"""DeploymentConfigs of UpdateEndpoint, and the configs and the endpoint `live` that they are tried on."""

from __future__ import annotations

from typing import Any

from tests.plane.support.harness import Harness, variant


def config_of(harness: Harness, model: str, instances: int = 4, **members: Any) -> str:
    """A config whose one variant is called `main`, whatever it serves."""
    served = variant(model, VariantName="main", InitialInstanceCount=instances, **members)
    name = f"{model}-{instances}"
    harness.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[served])
    return name


def blue_green(kind: str, wait: int = 0, alarms: tuple[str, ...] = (), **sizes: Any) -> dict[str, Any]:
    policy = {"TrafficRoutingConfiguration": {"Type": kind, "WaitIntervalInSeconds": wait, **sizes}}
    return {"BlueGreenUpdatePolicy": policy} | auto_rollback(alarms)


def rolling(batch: int, wait: int = 0, alarms: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    size = {"Type": "INSTANCE_COUNT", "Value": batch}
    policy = {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait, **members}
    return {"RollingUpdatePolicy": policy} | auto_rollback(alarms)


def auto_rollback(alarms: tuple[str, ...]) -> dict[str, Any]:
    return (
        {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}} if alarms else {}
    )


ONE = {"Type": "INSTANCE_COUNT", "Value": 1}
CANARY = blue_green("CANARY", CanarySize=ONE)


def update(harness: Harness, deployment: dict[str, Any], config: str = "new-4", **members: Any) -> None:
    harness.sm.update_endpoint(
        EndpointName="live", EndpointConfigName=config, DeploymentConfig=deployment, **members
    )


def stage(harness: Harness) -> str | None:
    """The VariantStatus of the deployment under way."""
    pending = harness.sm.describe_endpoint(EndpointName="live").get("PendingDeploymentSummary")
    return pending["ProductionVariants"][0]["VariantStatus"][0]["Status"] if pending else None

"""What a change of an endpoint is to lead to.

Besides what AWS shows, an endpoint's document carries `_Served` (what serves, or has to serve again after a
restart) and, while a change is under way, `_Target`. Both are whole: a model or a config that is deleted
meanwhile changes nothing.

    {"EndpointConfigName": str, "Capture": DataCaptureConfig | None, "Async": AsyncInferenceConfig | None,
     "Deployment": DeploymentConfig | None,
     "Shadow": as Variants, at most one,
     "Variants": [
        {"VariantName": str, "Weight": float, "InstanceCount": int, "InstanceType": str | None,
         "Serverless": ServerlessConfig | None, "Container": {
            "ModelName": str, "Timeout": float, "Image": str, "Environment": {..},
            "ModelData": uri | None, "IsArchive": bool,
            "Role": ExecutionRoleArn | None, "Hostname": str, "Following": the further containers of a pipeline}}]}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagemaker_local.control.context import Context, Request
from sagemaker_local.hosting import deployment_config, models
from sagemaker_local.instance_types import knows_guardrails
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation
from sagemaker_local.wire.repeated import repeated

# "the container must pass the health check within 8 minutes" (Model Hosting FAQ)
_STARTUP_SECONDS = 480.0
# "download + /ping within 3 minutes"
_SERVERLESS_STARTUP_SECONDS = 180.0


def plan_update(context: Context, endpoint: Document, config: Document, request: Request) -> Document:
    """Members that a new config adds to the endpoint: `_Target` and PendingDeploymentSummary.

    Without RetainAllVariantProperties the weights, instance counts and data capture of the new config apply; with it,
    variants of the same name, and an endpoint that captures, keep what they have, but for the excluded properties.
    """
    retained = _retained(endpoint, request)
    _check_kind(endpoint, config)
    production, shadow = (
        [_goal(context, each) | retained.get(each["VariantName"], {}) for each in config.get(member, [])]
        for member in ("ProductionVariants", "ShadowProductionVariants")
    )
    target = {
        "EndpointConfigName": config["EndpointConfigName"],
        "Capture": _retained_capture(endpoint, request) or config.get("DataCaptureConfig"),
        "Async": config.get("AsyncInferenceConfig"),
        "Variants": production,
        "Shadow": shadow,
    }
    deployment = _deployment(endpoint, request)
    if deployment is not None:
        deployment_config.check(deployment, target, endpoint.get("_Served"))
        if all(knows_guardrails(goal["InstanceType"]) for goal in goals(target)):
            target["Deployment"] = deployment
    return {"_Target": target, "PendingDeploymentSummary": _pending(target, context.now)}


def _deployment(endpoint: Document, request: Request) -> Document | None:
    """ "RetainDeploymentConfig: specifies whether to reuse the last deployment configuration"."""
    if request.get("RetainDeploymentConfig"):
        return endpoint.get("LastDeploymentConfig")
    return request.get("DeploymentConfig") or None


def _retained(endpoint: Document, request: Request) -> dict[str, Document]:
    kept = {"Weight": "DesiredWeight", "InstanceCount": "DesiredInstanceCount"}
    return {
        variant["VariantName"]: {
            ours: variant[theirs]
            for ours, theirs in kept.items()
            if theirs in variant and _retains(request, theirs)
        }
        for variant in _shown(endpoint)
    }


def _retained_capture(endpoint: Document, request: Request) -> Document | None:
    """DataCaptureConfig is one of the variant properties: "if you don't specify a value for
    ExcludeRetainedVariantProperties, no variant properties are overridden" (UpdateEndpoint).
    """
    served = endpoint.get("_Served", {}) if _retains(request, "DataCaptureConfig") else {}
    capture: Document | None = served.get("Capture")
    return capture


def _retains(request: Request, kind: str) -> bool:
    excluded = request.get("ExcludeRetainedVariantProperties", [])
    return bool(request.get("RetainAllVariantProperties")) and {"VariantPropertyType": kind} not in excluded


def goals(target: Document) -> list[Document]:
    """The goals of the production variants and of the shadow."""
    return [*target.get("Variants", []), *target.get("Shadow", [])]


def _shown(endpoint: Document) -> list[Document]:
    return [*endpoint.get("ProductionVariants", []), *endpoint.get("ShadowProductionVariants", [])]


def _goal(context: Context, variant: Document) -> Document:
    return {
        "VariantName": variant["VariantName"],
        "Weight": variant["InitialVariantWeight"],
        "InstanceCount": variant.get("InitialInstanceCount", 0),
        "InstanceType": variant.get("InstanceType"),
        "Serverless": variant.get("ServerlessConfig"),
        "Container": _container(context, variant),
    }


def _check_kind(endpoint: Document, config: Document) -> None:
    """Instance-based to serverless is refused; the other way goes, once."""
    served = endpoint.get("_Served", {}).get("Variants", [])
    becomes = any("ServerlessConfig" in variant for variant in config["ProductionVariants"])
    if becomes and any(not goal.get("Serverless") for goal in served):
        raise validation(
            "An instance-based endpoint cannot be updated to a serverless one; create a new one."
        )


def _container(context: Context, variant: Document) -> Document:
    found = models.find(context, variant["ModelName"])
    containers = models.serving_containers(context.transaction, found)
    seconds = _STARTUP_SECONDS
    if "ServerlessConfig" in variant:
        _check_serverless_model(found, containers)
        seconds = _SERVERLESS_STARTUP_SECONDS
    first, *following = [_one_container(each, found.get("ExecutionRoleArn")) for each in containers]
    return first | {
        "ModelName": variant["ModelName"],
        "Timeout": float(variant.get("ContainerStartupHealthCheckTimeoutInSeconds", seconds)),
        "Following": following,
    }


def _one_container(container: Document, role: str | None) -> Document:
    return {
        "Image": container["Image"],
        "Environment": container.get("Environment", {}),
        "ModelData": models.model_data_uri(container),
        "IsArchive": models.is_archive(container),
        "Role": role,
        "Hostname": container["ContainerHostname"],
    }


def _check_serverless_model(found: Document, containers: list[Document]) -> None:
    """Refused at CreateEndpoint, not when the config is made; "inference pipelines" are among the exclusions, and
    "currently you cannot use ModelDataSource in conjunction with ... SageMaker serverless endpoints".
    """
    isolated = "VpcConfig" in found or found.get("EnableNetworkIsolation")
    if isolated or len(containers) > 1 or "ModelDataSource" in containers[0]:
        raise validation("One or more endpoint features are not supported using this configuration")


def _pending(target: Document, now: float) -> Document:
    summary = {"EndpointConfigName": target["EndpointConfigName"], "StartTime": now}
    return summary | _both(
        target,
        lambda goal: (
            {
                "VariantName": goal["VariantName"],
                "InstanceType": goal["InstanceType"],
                "VariantStatus": [{"Status": "Creating", "StartTime": now}],
            }
            | _desired(goal)
        ),
    )


def _both(target: Document, shown: Callable[[Document], Document]) -> Document:
    """ProductionVariants, and ShadowProductionVariants where there is one."""
    members = {"ProductionVariants": "Variants", "ShadowProductionVariants": "Shadow"}
    return {
        theirs: [shown(goal) for goal in target[ours]] for theirs, ours in members.items() if target.get(ours)
    }


def plan_weights(endpoint: Document, desired: list[Document]) -> Document:
    """Members after UpdateEndpointWeightsAndCapacities: new Desired values, Current ones still as they serve.

    A variant that is not named, or named without a weight, keeps the weight it has.
    """
    served = endpoint["_Served"]
    names = [change["VariantName"] for change in desired]
    twice = repeated(names)
    if twice:
        raise validation(
            f'Variant "{twice[0]}" is named {names.count(twice[0])} times; once says what it is to be.'
        )
    wanted = {goal["VariantName"]: dict(goal) for goal in goals(served)}
    for change in desired:
        if change["VariantName"] not in wanted:
            known = ", ".join(wanted)
            raise validation(
                f'Variant "{change["VariantName"]}" does not exist on this endpoint; it has: {known}.'
            )
        goal = wanted[change["VariantName"]]
        if goal.get("Serverless"):
            goal |= _changed_serverless(change, goal["Serverless"])
        else:
            goal |= _changed(change, may_be_zero=bool(served.get("Async")))
    target = served | {
        name: [wanted[goal["VariantName"]] for goal in served.get(name, [])]
        for name in ("Variants", "Shadow")
    }
    shown = {each["VariantName"]: each for each in _shown(endpoint)}
    desired_now = _both(target, lambda goal: shown[goal["VariantName"]] | _desired(goal))
    return desired_now | {"_Target": target | {"Deployment": None}}


def _changed_serverless(change: Document, config: Document) -> Document:
    """MaxConcurrency and ProvisionedConcurrency; a serverless variant has no instances to count."""
    if "DesiredInstanceCount" in change:
        raise validation(
            f"Variant {change['VariantName']} is serverless: DesiredInstanceCount does not apply."
        )
    serverless = config | change.get("ServerlessUpdateConfig", {})
    if serverless.get("ProvisionedConcurrency", 0) > serverless["MaxConcurrency"]:
        raise validation("ProvisionedConcurrency must not be more than MaxConcurrency.")
    weight = {"Weight": change["DesiredWeight"]} if "DesiredWeight" in change else {}
    return {"Serverless": serverless} | weight


def _changed(change: Document, *, may_be_zero: bool) -> Document:
    """Only asynchronous endpoints can do without an instance: their requests wait in the queue."""
    name = change["VariantName"]
    if "ServerlessUpdateConfig" in change:
        raise validation(f"Variant {name} is not serverless: ServerlessUpdateConfig does not apply.")
    if change.get("DesiredInstanceCount") == 0 and not may_be_zero:
        raise validation(f"DesiredInstanceCount of variant {name} must be at least 1.")
    members = {"Weight": "DesiredWeight", "InstanceCount": "DesiredInstanceCount"}
    return {ours: change[theirs] for ours, theirs in members.items() if theirs in change}


def _desired(goal: Document) -> Document:
    if goal.get("Serverless"):
        return {"DesiredWeight": goal["Weight"], "DesiredServerlessConfig": goal["Serverless"]}
    return {"DesiredWeight": goal["Weight"], "DesiredInstanceCount": goal["InstanceCount"]}


def _current(goal: Document) -> Document:
    return {name.replace("Desired", "Current"): value for name, value in _desired(goal).items()}


def described(target: Document, now: float) -> Document:
    """DescribeEndpoint's ProductionVariants and ShadowProductionVariants when the target serves."""
    return _both(
        target,
        lambda goal: (
            {
                "VariantName": goal["VariantName"],
                "DeployedImages": [
                    _image(each["Image"], now)
                    for each in (goal["Container"], *goal["Container"].get("Following", ()))
                ],
            }
            | _current(goal)
            | _desired(goal)
        ),
    )


def _image(image: str, now: float) -> Document:
    return {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": now}


def capture_summary(capture: Document | None) -> dict[str, Any] | None:
    """DescribeEndpoint's DataCaptureConfig."""
    if capture is None:
        return None
    enabled = capture.get("EnableCapture", False)
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
        "DestinationS3Uri": capture["DestinationS3Uri"],
        "KmsKeyId": capture.get("KmsKeyId", ""),
    }

"""Application Auto Scaling, as far as it scales the instances of SageMaker's endpoint variants."""

from __future__ import annotations

import uuid

from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import counted
from sagemaker_local.hosting import api as endpoints
from sagemaker_local.hosting import document as documents
from sagemaker_local.hosting import scalable_targets as targets
from sagemaker_local.hosting.plan import goals, plan_weights
from sagemaker_local.scaling.checks import check_policy, check_range, check_type
from sagemaker_local.scaling.decisions import within
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import ServiceError, object_not_found, validation

_MOST_TARGETS, _MOST_POLICIES = 50, 10  # of a page, and where nothing is said
_MOST_OF_TARGET = 50
_TRACKING = "TargetTrackingScalingPolicyConfiguration"
_METRICS = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
_SHOWN = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def register_scalable_target(context: Context, request: Request) -> Document:
    """ "Any parameters that you don't specify are not changed"; the capacity is brought into the range."""
    _check_place(request)
    resource = request["ResourceId"]
    endpoint, variant = targets.names_of(resource)
    known = context.transaction.get(targets.KIND, resource)
    if known and request.get("Tags"):
        raise validation(
            "The scalable target that you tried to tag already exists. To update tags on an existing scalable target, "
            "use the TagResource API."
        )
    document = (known or _new(context, resource)) | {
        name: request[name] for name in ("MinCapacity", "MaxCapacity", "RoleARN") if name in request
    }
    document["SuspendedState"] = document["SuspendedState"] | request.get("SuspendedState", {})
    check_range(document)
    check_type(_variant(context, endpoint, variant))
    context.transaction.put(targets.KIND, resource, document)
    bring_into_range(context, endpoint, variant, document)
    return {"ScalableTargetARN": document["ScalableTargetARN"]}


def deregister_scalable_target(context: Context, request: Request) -> Document:
    _check_place(request)
    targets.forget(context.transaction, _registered(context, request, "found")["ResourceId"])
    return {}


def describe_scalable_targets(context: Context, request: Request) -> Document:
    found = context.transaction.every(targets.KIND)
    if "ResourceIds" in request:
        found = [each for each in found if each["ResourceId"] in request["ResourceIds"]]
    return _page("ScalableTargets", _of_place(found, request), request, _MOST_TARGETS)


def put_scaling_policy(context: Context, request: Request) -> Document:
    _check_place(request)
    target = _registered(context, request, "registered")
    key = targets.policy_key(target["ResourceId"], request["PolicyName"])
    known = context.transaction.get(targets.POLICY, key) or {}
    if not known:
        _check_room(context, target["ResourceId"])
    document = _policy(context, request, known)
    check_policy(document)
    _check_one_per_metric(context, document)
    context.transaction.put(targets.POLICY, key, document)
    return {"PolicyARN": document["PolicyARN"], "Alarms": []}


def _check_room(context: Context, resource: str) -> None:
    """ "Scaling policies per scalable target: 50", step scaling and target tracking together (Quotas)."""
    if len(targets.policies_of(context.transaction, resource)) >= _MOST_OF_TARGET:
        raise ServiceError(
            "LimitExceededException",
            f"There can be at most {_MOST_OF_TARGET} scaling policies per scalable target; {resource} has as many.",
        )


def _check_one_per_metric(context: Context, policy: Document) -> None:
    """In AWS's words (hashicorp/terraform-provider-aws#41179)."""
    config = policy.get(_TRACKING)
    if config is None:
        return
    for other in targets.policies_of(context.transaction, policy["ResourceId"]):
        found = other.get(_TRACKING, {})
        same = all(config.get(member) == found.get(member) for member in _METRICS)
        if found and same and other["PolicyName"] != policy["PolicyName"]:
            raise validation(
                "Only one TargetTrackingScaling policy for a given metric specification is allowed."
            )


def describe_scaling_policies(context: Context, request: Request) -> Document:
    found = context.transaction.every(targets.POLICY)
    for member, own in (("PolicyNames", "PolicyName"), ("ResourceId", "ResourceId")):
        wanted = request.get(member)
        if wanted:
            found = [each for each in found if each[own] in ([wanted] if member == own else wanted)]
    return _page("ScalingPolicies", _of_place(found, request), request, _MOST_POLICIES)


def delete_scaling_policy(context: Context, request: Request) -> Document:
    _check_place(request)
    key = targets.policy_key(request["ResourceId"], request["PolicyName"])
    if context.transaction.get(targets.POLICY, key) is None:
        raise object_not_found(
            f"No scaling policy found for service namespace: sagemaker, resource ID: {request['ResourceId']}, scalable "
            f"dimension: {targets.DIMENSION}, policy name: {request['PolicyName']}"
        )
    context.transaction.delete(targets.POLICY, key)
    return {}


def bring_into_range(context: Context, endpoint: str, variant: str, target: Document) -> None:
    """ "If the specified resource is not active in the target service, this operation does not change the resource's
    current capacity. Otherwise, it changes the resource's current capacity to a value that is inside of this range".
    """
    document = endpoints.find(context, endpoint)
    if document["EndpointStatus"] == "InService":
        count = _variant(context, endpoint, variant)["InstanceCount"]
        set_count(context, document, variant, within(count, target))


def count_of(endpoint: Document, variant: str) -> int:
    """Instances that the variant has or is to have; 0 when it is gone."""
    goal = _goal(endpoint, variant)
    return int(goal["InstanceCount"]) if goal else 0


def set_count(context: Context, endpoint: Document, variant: str, count: int) -> None:
    """What a scaling activity does: UpdateEndpointWeightsAndCapacities with another count."""
    goal = _goal(endpoint, variant)
    if goal is not None and goal["InstanceCount"] != count:
        change = {"VariantName": variant, "DesiredInstanceCount": count}
        endpoints.begin(context, endpoint | {"EndpointStatus": "Updating"}, plan_weights(endpoint, [change]))


def _check_place(request: Request) -> None:
    place = (request["ServiceNamespace"], request["ScalableDimension"])
    if place != (targets.NAMESPACE, targets.DIMENSION):
        raise validation(
            f"The local Application Auto Scaling scales {targets.NAMESPACE}, {targets.DIMENSION} alone; found "
            f"{place[0]}, {place[1]}."
        )


def _new(context: Context, resource: str) -> Document:
    settings = context.settings
    name = f"0ec{uuid.uuid4().hex[:25]}"
    service = "aws-service-role/sagemaker.application-autoscaling.amazonaws.com"
    role = f"{service}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    return {
        "ServiceNamespace": targets.NAMESPACE,
        "ResourceId": resource,
        "ScalableDimension": targets.DIMENSION,
        "RoleARN": f"arn:aws:iam::{settings.account}:role/{role}",
        "ScalableTargetARN": (
            f"arn:aws:application-autoscaling:{settings.region}:{settings.account}:scalable-target/{name}"
        ),
        "SuspendedState": {
            "DynamicScalingInSuspended": False,
            "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False,
        },
        "CreationTime": context.now,
    }


def _policy(context: Context, request: Request, known: Document) -> Document:
    settings, resource = context.settings, request["ResourceId"]
    new = {
        "CreationTime": context.now,
        "PolicyType": "StepScaling",  # "This parameter is required if you are creating"; StepScaling is its default
        "PolicyARN": (
            f"arn:aws:autoscaling:{settings.region}:{settings.account}:scalingPolicy:{uuid.uuid4()}:resource/"
            f"{targets.NAMESPACE}/{resource}:policyName/{request['PolicyName']}"
        ),
        "Alarms": [],
    }
    if request.get("PolicyType", known.get("PolicyType")) != known.get("PolicyType"):
        known = {name: known[name] for name in ("CreationTime", "PolicyARN") if name in known}
    return new | known | request


def _variant(context: Context, endpoint: str, variant: str) -> Document:
    """The variant as it serves or is to serve; raises ServiceError when there is none, or it has no instances."""
    document = context.transaction.get(documents.KIND, endpoint)
    goal = _goal(document, variant) if document else None
    if goal is None or goal.get("Serverless"):
        raise validation(
            f"No SageMaker endpoint variant with instances found for resource ID: "
            f"{targets.resource_id(endpoint, variant)}"
        )
    return goal


def _goal(endpoint: Document, variant: str) -> Document | None:
    target = endpoint.get("_Target") or endpoint.get("_Served") or {}
    return next((goal for goal in goals(target) if goal["VariantName"] == variant), None)


def _registered(context: Context, request: Request, word: str) -> Document:
    """The target; raises ServiceError in AWS's words, of policies "registered" in place of "found" (ansible#35632)."""
    document = context.transaction.get(targets.KIND, request["ResourceId"])
    if document is None:
        raise object_not_found(
            f"No scalable target {word} for service namespace: {request['ServiceNamespace']}, resource ID: "
            f"{request['ResourceId']}, scalable dimension: {request['ScalableDimension']}"
        )
    return document


def _of_place(found: list[Document], request: Request) -> list[Document]:
    """Namespace, and dimension where one is asked for: "you must also specify a resource ID"."""
    if "ScalableDimension" in request and not (request.get("ResourceId") or request.get("ResourceIds")):
        raise validation("If you specify a scalable dimension, you must also specify a resource ID.")
    wanted = {name: request[name] for name in ("ServiceNamespace", "ScalableDimension") if name in request}
    return [each for each in found if all(each[name] == value for name, value in wanted.items())]


def _page(member: str, found: list[Document], request: Request, most: int) -> Document:
    """ "This value can be between 1 and 50", and 10 for policies; it is the default, too."""
    limit = request.get("MaxResults", most)
    if not 1 <= limit <= most:
        raise validation(f"MaxResults must be between 1 and {most}; found {limit}.")
    try:
        page, more = counted(member, found, request, most)
    except ServiceError as error:
        raise ServiceError("InvalidNextTokenException", error.message) from error
    return {member: page} | more

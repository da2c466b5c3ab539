"""What CreateEndpoint and UpdateEndpoint are refused."""

from __future__ import annotations

from collections import Counter

from sagemaker_local.control.context import Context
from sagemaker_local.control.quota import check_type, exceeded
from sagemaker_local.hosting import document as documents
from sagemaker_local.hosting.plan import goals
from sagemaker_local.store import Document


def check_instances(context: Context, name: str, target: Document) -> None:
    """Raise ResourceLimitExceeded when all endpoints together would have more instances than the plane runs, or more of
    a type than its quota. Only a quota counts what the endpoint itself serves on: "provisions a new fleet" beside the
    old one (Blue/Green Deployments). A change of weights and counts alone has no second fleet.
    """
    limit = context.settings.endpoint_instances
    every = list(context.transaction.every(documents.KIND))
    others = [each for each in every if each["EndpointName"] != name]
    used = sum(_instances(_kept(each)).total() for each in others)
    asked = _instances(target)
    if used + asked.total() > limit:
        kind = target["Variants"][0]["InstanceType"]
        raise exceeded(f"{kind} for endpoint usage", limit, used, asked.total())
    served = [each.get("_Served") or {} for each in every if each["EndpointName"] == name]
    own = [each for each in served if each.get("EndpointConfigName") != target["EndpointConfigName"]]
    serving = sum((_instances(each) for each in [*map(_kept, others), *own]), Counter[str]())
    for kind, count in asked.items():
        check_type(context, "endpoint", kind, f"{kind} for endpoint usage", serving[kind], count)


def _kept(endpoint: Document) -> Document:
    target: Document = endpoint.get("_Target") or endpoint.get("_Served") or {}
    return target


def _instances(target: Document) -> Counter[str]:
    """By type."""
    counts = Counter[str]()
    for goal in goals(target):
        counts[goal["InstanceType"] or ""] += goal["InstanceCount"]
    return counts

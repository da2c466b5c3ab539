"""What CreateEndpoint and UpdateEndpoint are refused."""

from __future__ import annotations

from sagemaker_local.control.context import Context
from sagemaker_local.control.quota import exceeded
from sagemaker_local.hosting import document as documents
from sagemaker_local.hosting.plan import goals
from sagemaker_local.store import Document


def check_instances(context: Context, name: str, target: Document) -> None:
    """Raise ResourceLimitExceeded when all endpoints together would have more instances than the plane runs."""
    limit = context.settings.endpoint_instances
    others = [each for each in context.transaction.every(documents.KIND) if each["EndpointName"] != name]
    used = sum(_instances(each.get("_Target") or each.get("_Served") or {}) for each in others)
    asked = _instances(target)
    if used + asked > limit:
        kind = target["Variants"][0]["InstanceType"]
        raise exceeded(f"{kind} for endpoint usage", limit, used, asked)


def _instances(target: Document) -> int:
    return sum(goal["InstanceCount"] for goal in goals(target))

"""Scalable targets: the variants whose instances Application Auto Scaling counts, and what they forbid.

{"ServiceNamespace", "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity", "RoleARN", "CreationTime",
 "ScalableTargetARN", "SuspendedState"}, as DescribeScalableTargets shows them, and
"_Activity": {"ScaleOut": epoch seconds, "ScaleIn": epoch seconds} of the last ones
"""

from __future__ import annotations

from collections.abc import Iterable

from sagemaker_local.store import Document, Transaction
from sagemaker_local.wire.errors import validation

KIND = "scalable-target"
POLICY = "scaling-policy"
NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"


def resource_id(endpoint: str, variant: str) -> str:
    """`endpoint/<endpoint>/variant/<variant>`."""
    return f"endpoint/{endpoint}/variant/{variant}"


def names_of(resource: str) -> tuple[str, str]:
    """Endpoint and variant; raises ServiceError for another kind of resource."""
    parts = resource.split("/")
    if len(parts) != 4 or (parts[0], parts[2]) != ("endpoint", "variant") or not all(parts):
        raise validation(
            f"ResourceId '{resource}' is not that of a SageMaker endpoint variant: endpoint/<name>/variant/<name>."
        )
    return parts[1], parts[3]


def of_endpoint(transaction: Transaction, endpoint: str) -> dict[str, Document]:
    """The endpoint's scalable targets by the names of their variants."""
    found = ((*names_of(target["ResourceId"]), target) for target in transaction.every(KIND))
    return {variant: target for name, variant, target in found if name == endpoint}


def check_update(transaction: Transaction, endpoint: str, served: Document, target: Document) -> None:
    """ "If the update would change the instance type for any model that is a target for auto scaling, the update
    fails", and a target must be deregistered before "removing a production variant that has auto scaling configured"
    (Update endpoints that use auto scaling). Another model of the same variant passes. Raises ServiceError.
    """
    before, after = _types(served.get("Variants", ())), _types(target["Variants"])
    for variant in of_endpoint(transaction, endpoint):
        if variant not in before:
            continue
        if variant not in after:
            raise _refused(variant, "would be removed")
        if before[variant] != after[variant]:
            raise _refused(
                variant, f"would change its instance type from {before[variant]} to {after[variant]}"
            )


def forget(transaction: Transaction, resource: str) -> None:
    """ "Deregistering a scalable target deletes the scaling policies ... that are associated with it"."""
    for policy in policies_of(transaction, resource):
        transaction.delete(POLICY, policy_key(resource, policy["PolicyName"]))
    transaction.delete(KIND, resource)


def forget_endpoint(transaction: Transaction, endpoint: str) -> None:
    """ "If any are and you have permission to deregister the model, Application Auto Scaling deregisters those models
    as scalable targets without notifying you" (Delete endpoints configured for auto scaling).
    """
    for target in of_endpoint(transaction, endpoint).values():
        forget(transaction, target["ResourceId"])


def policies_of(transaction: Transaction, resource: str) -> list[Document]:
    return [each for each in transaction.every(POLICY) if each["ResourceId"] == resource]


def policy_key(resource: str, name: str) -> str:
    return f"{resource}|{name}"


def _types(variants: Iterable[Document]) -> dict[str, str | None]:
    return {goal["VariantName"]: goal.get("InstanceType") for goal in variants}


def _refused(variant: str, change: str) -> Exception:
    return validation(
        f"Cannot update the endpoint: variant '{variant}' is a scalable target of Application Auto Scaling and "
        f"{change}. Delete its scaling policies and call DeregisterScalableTarget first."
    )

"""The endpoint's document: each change is saved, recorded in its history and told to EventBridge."""

from __future__ import annotations

from sagemaker_local.events import endpoint_event
from sagemaker_local.resources import tags
from sagemaker_local.store import Document, Transaction

KIND = "endpoint"
_IN_PROGRESS = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")


def in_progress(endpoint: Document) -> bool:
    return endpoint["EndpointStatus"] in _IN_PROGRESS


def weights(endpoint: Document) -> dict[str, float]:
    """Variant -> the weight that live traffic sees."""
    variants = endpoint.get("ProductionVariants", [])
    return {variant["VariantName"]: variant["CurrentWeight"] for variant in variants}


def save(transaction: Transaction, endpoint: Document) -> None:
    """Store the endpoint and append the change to its history and to the outbox."""
    endpoint["LastModifiedTime"] = transaction.now
    status = endpoint["EndpointStatus"]
    transaction.put(KIND, endpoint["EndpointName"], endpoint, status=status)
    transaction.record(endpoint["EndpointName"], status, endpoint["EndpointConfigName"], weights(endpoint))
    tag_map = tags.tag_map(transaction, endpoint["EndpointArn"])
    transaction.emit(endpoint_event(transaction.now, endpoint, tag_map))


def remove(transaction: Transaction, endpoint: Document) -> None:
    """The end of an endpoint: its history stays."""
    transaction.delete(KIND, endpoint["EndpointName"])
    transaction.delete("tags", endpoint["EndpointArn"])
    transaction.record(endpoint["EndpointName"], "Deleted", endpoint["EndpointConfigName"], {})

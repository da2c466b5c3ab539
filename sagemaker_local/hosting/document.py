"""The endpoint's document in each state; every change is recorded in its history and told to EventBridge."""

from __future__ import annotations

from sagemaker_local.control import tags
from sagemaker_local.events import endpoint_deployment_event, endpoint_event
from sagemaker_local.hosting.plan import capture_summary, described
from sagemaker_local.store import Document, Transaction

KIND = "endpoint"
_REASON_CHARACTERS = 1024
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


def serves(endpoint: Document, target: Document, reason: str | None = None) -> None:
    """InService; `reason` says why it is not what was asked for."""
    _end_change(endpoint)
    if reason is not None:
        endpoint["FailureReason"] = reason[:_REASON_CHARACTERS]
    endpoint |= {
        "EndpointStatus": "InService",
        "EndpointConfigName": target["EndpointConfigName"],
        "_Served": target,
    }
    for member in ("DataCaptureConfig", "AsyncInferenceConfig", "ShadowProductionVariants"):
        endpoint.pop(member, None)
    endpoint |= described(target, endpoint["LastModifiedTime"])
    if target.get("Async"):
        endpoint["AsyncInferenceConfig"] = target["Async"]
    capture = capture_summary(target["Capture"])
    if capture is not None:
        endpoint["DataCaptureConfig"] = capture


def note_progress(transaction: Transaction, name: str, status: str, message: str) -> None:
    """Where the deployment is: every variant's VariantStatus, and the event of it."""
    endpoint = transaction.get(KIND, name)
    if endpoint is None or "PendingDeploymentSummary" not in endpoint:
        return
    now = {"Status": status, "StatusMessage": message, "StartTime": transaction.now}
    pending = endpoint["PendingDeploymentSummary"]
    for variant in [*pending["ProductionVariants"], *pending.get("ShadowProductionVariants", [])]:
        variant["VariantStatus"] = [now]
    transaction.put(KIND, name, endpoint, status=endpoint["EndpointStatus"])
    tag_map = tags.tag_map(transaction, endpoint["EndpointArn"])
    transaction.emit(endpoint_deployment_event(transaction.now, endpoint, tag_map))


def rolls_back(endpoint: Document, reason: str) -> None:
    """On the way back to what served: the deployment is not taken up again, whatever happens."""
    _end_change(endpoint)
    endpoint |= {"EndpointStatus": "RollingBack", "FailureReason": reason[:_REASON_CHARACTERS]}


def rollback_failed(endpoint: Document, reason: str) -> None:
    """ "Your endpoint is in service with a mix of the old and new instances"."""
    _end_change(endpoint)
    endpoint |= {"EndpointStatus": "UpdateRollbackFailed", "FailureReason": reason[:_REASON_CHARACTERS]}


def gave_up(endpoint: Document, reason: str | None) -> None:
    """A failed update returns to what served, and may not say why; an endpoint that never served is Failed."""
    if "_Served" in endpoint:
        serves(endpoint, endpoint["_Served"], reason)
    else:
        failed(endpoint, reason or "")


def failed(endpoint: Document, reason: str) -> None:
    """Nothing serves, and only DeleteEndpoint is left."""
    _end_change(endpoint)
    endpoint |= {"EndpointStatus": "Failed", "FailureReason": reason[:_REASON_CHARACTERS]}


def _end_change(endpoint: Document) -> None:
    endpoint.pop("PendingDeploymentSummary", None)
    deployment = endpoint.pop("_Target", {}).get("Deployment")
    if deployment is not None:
        endpoint["LastDeploymentConfig"] = deployment


def mark_interrupted(transaction: Transaction) -> list[Document]:
    """What has to be taken up after a start: nothing serves yet, and Describe must not say that it does."""
    open_ones = [each for each in transaction.every(KIND) if each["EndpointStatus"] != "Failed"]
    for endpoint in open_ones:
        if endpoint["EndpointStatus"] == "InService":
            endpoint["EndpointStatus"] = "SystemUpdating"
            save(transaction, endpoint)
    return open_ones


def remove(transaction: Transaction, name: str) -> None:
    """The end of an endpoint: its history stays."""
    endpoint = transaction.get(KIND, name)
    if endpoint is None:
        return
    transaction.delete(KIND, endpoint["EndpointName"])
    transaction.delete("tags", endpoint["EndpointArn"])
    transaction.record(endpoint["EndpointName"], "Deleted", endpoint["EndpointConfigName"], {})

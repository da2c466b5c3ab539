"""Endpoints: what a caller may ask for in each state. What then happens is `life`'s.

Creating -> InService | Failed        Updating -> InService (a failed update returns to the old config)
SystemUpdating -> InService | Failed  Deleting -> gone
"""

from __future__ import annotations

from sagemaker_local.control import tags
from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import Listing, picked
from sagemaker_local.hosting import configs
from sagemaker_local.hosting import scalable_targets as targets
from sagemaker_local.hosting.checks import check_instances
from sagemaker_local.hosting.document import KIND, in_progress, save
from sagemaker_local.hosting.plan import plan_update, plan_weights
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation


def create_endpoint(context: Context, request: Request) -> Document:
    name = request["EndpointName"]
    arn = context.arn(KIND, name.lower())
    if context.transaction.name_like(KIND, name):
        raise validation(f'Cannot create already existing endpoint "{arn}".')
    config = configs.find(context, request["EndpointConfigName"])
    document: Document = {
        "EndpointName": name,
        "EndpointArn": arn,
        "EndpointConfigName": config["EndpointConfigName"],
        "EndpointStatus": "Creating",
        "CreationTime": context.now,
    }
    tags.attach(context, arn, request.get("Tags"))
    begin(context, document, plan_update(context, document, config, request))
    return {"EndpointArn": arn}


def describe_endpoint(context: Context, request: Request) -> Document:
    return find(context, request["EndpointName"])


def update_endpoint(context: Context, request: Request) -> Document:
    document = _settled(context, request["EndpointName"])
    config = configs.find(context, request["EndpointConfigName"])
    if config["EndpointConfigName"] == document["EndpointConfigName"]:
        raise validation(
            "Cannot update endpoint to the same configuration it already has; create a new one first."
        )
    plan = plan_update(context, document, config, request)
    targets.check_update(context.transaction, document["EndpointName"], document["_Served"], plan["_Target"])
    document["EndpointStatus"] = "Updating"
    begin(context, document, plan)
    return {"EndpointArn": document["EndpointArn"]}


def update_endpoint_weights_and_capacities(context: Context, request: Request) -> Document:
    document = _settled(context, request["EndpointName"])
    plan = plan_weights(document, request["DesiredWeightsAndCapacities"])
    document["EndpointStatus"] = "Updating"
    begin(context, document, plan)
    return {"EndpointArn": document["EndpointArn"]}


def delete_endpoint(context: Context, request: Request) -> None:
    """ "DeleteEndpoint is the only operation that can be performed on a failed endpoint"."""
    document = find(context, request["EndpointName"])
    if in_progress(document):
        raise _busy(document)
    targets.forget_endpoint(context.transaction, document["EndpointName"])
    document["EndpointStatus"] = "Deleting"
    begin(context, document, {})


list_endpoints = Listing(
    KIND,
    "Endpoints",
    picked("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus"),
    from_time=True,
)


def find(context: Context, name: str) -> Document:
    """The endpoint's document; raises ServiceError in AWS's words when there is none."""
    document = context.transaction.get(KIND, name)
    if document is None:
        raise validation(f'Could not find endpoint "{context.arn(KIND, name.lower())}".')
    return document


def _settled(context: Context, name: str) -> Document:
    document = find(context, name)
    if in_progress(document):
        raise _busy(document)
    if document["EndpointStatus"] == "Failed":
        raise validation(
            f'Cannot update endpoint "{document["EndpointArn"]}" in status Failed: '
            "DeleteEndpoint is the only operation that can be performed on a failed endpoint."
        )
    return document


def _busy(document: Document) -> Exception:
    return validation(f'Cannot update in-progress endpoint "{document["EndpointArn"]}".')


def begin(context: Context, document: Document, plan: Document) -> None:
    """Set the change in motion that the plan describes. Raises ResourceLimitExceeded."""
    if "_Target" in plan:
        check_instances(context, document["EndpointName"], plan["_Target"])
    document.pop("FailureReason", None)
    save(context.transaction, document | plan)
    context.transaction.after_commit(lambda: context.endpoints.converge(document["EndpointName"]))

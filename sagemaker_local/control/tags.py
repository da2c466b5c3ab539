"""Tags: AddTags, ListTags, DeleteTags on any resource of the plane, by ARN."""

from __future__ import annotations

from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import counted
from sagemaker_local.store import Document, Transaction
from sagemaker_local.wire.errors import validation

_KIND = "tags"
_MAX_TAGS = 50
_DEFAULT_RESULTS = 50


def attach(context: Context, arn: str, tags: list[Document] | None) -> None:
    """Start the tag list of a new resource."""
    attach_in(context.transaction, arn, tags)


def attach_in(transaction: Transaction, arn: str, tags: list[Document] | None) -> None:
    """The same for what the plane itself makes."""
    _write(transaction, arn, _merged({}, tags or []))


def detach(context: Context, arn: str) -> None:
    """Forget the tags of a deleted resource."""
    context.transaction.delete(_KIND, arn)


def tag_map(transaction: Transaction, arn: str) -> dict[str, str]:
    """The tags of a resource as {key: value}; empty when it has none."""
    document = transaction.get(_KIND, arn)
    return dict(document["Tags"]) if document else {}


def add_tags(context: Context, request: Request) -> Document:
    arn = request["ResourceArn"]
    tags = _merged(_tags_of(context, arn), request["Tags"])
    _write(context.transaction, arn, tags)
    return {"Tags": _listed(tags)}


def list_tags(context: Context, request: Request) -> Document:
    arn = request["ResourceArn"]
    page, more = counted(f"Tags {arn}", _listed(_tags_of(context, arn)), request, _DEFAULT_RESULTS)
    return {"Tags": page} | more


def delete_tags(context: Context, request: Request) -> Document:
    arn = request["ResourceArn"]
    tags = {key: value for key, value in _tags_of(context, arn).items() if key not in request["TagKeys"]}
    _write(context.transaction, arn, tags)
    return {}


def _tags_of(context: Context, arn: str) -> dict[str, str]:
    document = context.transaction.get(_KIND, arn)
    if document is None:
        raise validation(f"Could not find resource with ARN {arn}.")
    return dict(document["Tags"])


def _merged(tags: dict[str, str], added: list[Document]) -> dict[str, str]:
    merged = tags | {tag["Key"]: tag["Value"] for tag in added}
    if len(merged) > _MAX_TAGS:
        raise validation(f"A resource can have at most {_MAX_TAGS} tags; this one would have {len(merged)}.")
    return merged


def _write(transaction: Transaction, arn: str, tags: dict[str, str]) -> None:
    transaction.put(_KIND, arn, {"CreationTime": transaction.now, "Tags": tags})


def _listed(tags: dict[str, str]) -> list[Document]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]

"""Resources that are created once, described, and deleted: models, endpoint configs, model package groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sagemaker_local.control import tags
from sagemaker_local.control.context import Context, Request
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import ServiceError


@dataclass(frozen=True)
class NamedResource:
    """One kind of them. member: the beginning of the names of its members, as in <member>Name and <member>Arn.

    taken, absent: the refusals in AWS's words, of the resource's ARN.
    """

    kind: str
    member: str
    taken: Callable[[str], ServiceError]
    absent: Callable[[str], ServiceError]

    def arn(self, context: Context, name: str) -> str:
        return context.arn(self.kind, name.lower())

    def require_new(self, context: Context, request: Request) -> None:
        """Raises `taken` for a name that is in use, in any spelling."""
        name = request[f"{self.member}Name"]
        if context.transaction.name_like(self.kind, name):
            raise self.taken(self.arn(context, name))

    def create(self, context: Context, request: Request, members: Document) -> Document:
        """Stores what was asked for with `members` over it, and its tags; answers with its ARN."""
        name = request[f"{self.member}Name"]
        arn = self.arn(context, name)
        document = {key: value for key, value in request.items() if key != "Tags"} | members
        document |= {f"{self.member}Arn": arn, "CreationTime": context.now}
        context.transaction.put(self.kind, name, document)
        tags.attach(context, arn, request.get("Tags"))
        return {f"{self.member}Arn": arn}

    def find(self, context: Context, name: str) -> Document:
        """Its document; raises `absent` when there is none."""
        document = context.transaction.get(self.kind, name)
        if document is None:
            raise self.absent(self.arn(context, name))
        return document

    def delete(self, context: Context, document: Document) -> None:
        """Removes the entry and its tags."""
        context.transaction.delete(self.kind, document[f"{self.member}Name"])
        tags.detach(context, document[f"{self.member}Arn"])

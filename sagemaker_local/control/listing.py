"""List operations: the filters, orders and pages that all of them share."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagemaker_local.control.context import Context, Request
from sagemaker_local.store import Document, Page
from sagemaker_local.wire.errors import ServiceError, validation

_DEFAULT_RESULTS = 10
_OFFSET_DIGITS = 9
_SORTS = {"Name": "name", "CreationTime": "created", "LastModifiedTime": "modified", "Status": "status"}
_FILTERS = {
    "NameContains": ("name", "contains"),
    "CreationTimeAfter": ("created", ">"),
    "CreationTimeBefore": ("created", "<"),
    "LastModifiedTimeAfter": ("modified", ">"),
    "LastModifiedTimeBefore": ("modified", "<"),
    "StatusEquals": ("status", "="),
    "ModelApprovalStatus": ("status", "="),
}


@dataclass(frozen=True)
class Listing:
    """One list operation: the kind it lists, its answer's member, and its order when none is asked for.

    narrowed: filters that a page is held to after it was read, by the member of the summary that they compare; such
    pages are short, and may be empty although more follow.
    from_time: CreationTimeAfter finds what was created "greater than or equal to the specified time", too.
    """

    kind: str | Sequence[str]
    member: str
    summarise: Callable[[Document], Document]
    order: str = "Descending"
    sort: str = "CreationTime"
    narrowed: Mapping[str, str] = field(default_factory=dict)
    from_time: bool = False

    def __call__(self, context: Context, request: Request) -> Document:
        limit = request.get("MaxResults", _DEFAULT_RESULTS)
        page = Page(
            limit=limit + 1,
            sort=_SORTS[request.get("SortBy", self.sort)],
            descending=request.get("SortOrder", self.order) == "Descending",
            after=read_token(request.get("NextToken")),
            where=tuple(self._filters(request)),
        )
        rows = context.transaction.page(self.kind, page)
        found = [self.summarise(row.document) for row in rows[:limit]]
        for name, member in self.narrowed.items():
            found = [each for each in found if name not in request or each.get(member) == request[name]]
        answer: Document = {self.member: found}
        if len(rows) > limit:
            last = rows[limit - 1]
            answer["NextToken"] = write_token(last.key, last.name)
        return answer

    def _filters(self, request: Request) -> Iterator[tuple[str, str, Any]]:
        for name, value in request.items():
            if name == "CreationTimeAfter" and self.from_time:
                yield "created", ">=", value
            elif name in _FILTERS and name not in self.narrowed:
                yield *_FILTERS[name], value


def picked(*members: str) -> Callable[[Document], Document]:
    """A summary made of these members of the document."""
    return lambda document: {name: document[name] for name in members if name in document}


def write_token(key: Any, name: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([key, name]).encode()).decode()


def read_token(token: str | None) -> tuple[Any, str] | None:
    """Where the page before ended; raises ServiceError for a token that no list gave."""
    if token is None:
        return None
    try:
        key, name = json.loads(base64.urlsafe_b64decode(token))
        f"{key}{name}".encode()  # the store takes no half of a surrogate pair
    except (ValueError, TypeError, RecursionError) as error:
        raise _no_token() from error
    if not isinstance(key, (str, float)) or not isinstance(name, str):
        raise _no_token()
    return key, name


def read_offset(token: str | None) -> int:
    """Where the page before ended, in a list that is counted; raises ServiceError for a token that no list gave."""
    if token is None:
        return 0
    if not (token.isascii() and token.isdigit() and len(token) <= _OFFSET_DIGITS):
        raise _no_token()
    return int(token)


def _no_token() -> ServiceError:
    return validation("Invalid NextToken: pass the one from the answer before, unchanged.")

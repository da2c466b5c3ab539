"""List operations: the filters, orders and pages that all of them share."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sagemaker_local.control.context import Context, Request
from sagemaker_local.store import Document, Page
from sagemaker_local.wire.errors import ServiceError, validation

T = TypeVar("T")
_DEFAULT_RESULTS = 10
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

    narrowed: filters that a page is held to after it was read: whether a summary satisfies what was asked for; such
    pages are short, and may be empty although more follow.
    sized: those of them that are so only where MaxResults is given, and then with the newest first.
    from_time: CreationTimeAfter finds what was created "greater than or equal to the specified time", too.
    """

    kind: str | Sequence[str]
    member: str
    summarise: Callable[[Document], Document]
    order: str = "Descending"
    sort: str = "CreationTime"
    narrowed: Mapping[str, Callable[[Document, Any], bool]] = field(default_factory=dict)
    from_time: bool = False
    sized: Sequence[str] = ()

    def __call__(self, context: Context, request: Request) -> Document:
        limit = request.get("MaxResults", _DEFAULT_RESULTS)
        late = [name for name in self.narrowed if name in request and self._is_late(name, request)]
        newest_first = "SortBy" not in request and any(name in self.sized for name in late)
        sort = request.get("SortBy", self.sort)
        order = request.get("SortOrder", "Descending" if newest_first else self.order)
        listed = f"{self.member} {sort} {order}"
        page = Page(
            limit=limit + 1,
            sort=_SORTS[sort],
            descending=order == "Descending",
            after=_read_after(listed, request.get("NextToken")),
            where=tuple(self._filters(request)),
        )
        rows = context.transaction.page(self.kind, page)
        found = [self.summarise(row.document) for row in rows[:limit]]
        for name in late:
            found = [each for each in found if self.narrowed[name](each, request[name])]
        answer: Document = {self.member: found}
        if len(rows) > limit:
            last = rows[limit - 1]
            answer["NextToken"] = _write(listed, [last.key, last.name])
        return answer

    def _filters(self, request: Request) -> Iterator[tuple[str, str, Any]]:
        for name, value in request.items():
            if name == "CreationTimeAfter" and self.from_time:
                yield "created", ">=", value
            elif name in _FILTERS and (name not in self.narrowed or not self._is_late(name, request)):
                yield *_FILTERS[name], value

    def _is_late(self, name: str, request: Request) -> bool:
        return name not in self.sized or "MaxResults" in request


def equals(member: str) -> Callable[[Document, Any], bool]:
    """A filter of `narrowed`: the summary's member is what was asked for."""
    return lambda summary, asked: bool(summary.get(member) == asked)


def picked(*members: str) -> Callable[[Document], Document]:
    """A summary made of these members of the document."""
    return lambda document: {name: document[name] for name in members if name in document}


def counted(
    listed: str, found: Sequence[T], request: Request, results: int = _DEFAULT_RESULTS
) -> tuple[Sequence[T], Document]:
    """A page of what is all there, and the NextToken where more follows. listed: the list and its order.

    Raises ServiceError for a token that this list did not give.
    """
    start, limit = _read_start(listed, request.get("NextToken")), request.get("MaxResults", results)
    more = {"NextToken": _write(listed, start + limit)} if start + limit < len(found) else {}
    return found[start : start + limit], more


def _write(listed: str, place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([listed, place]).encode()).decode()


def _read(listed: str, token: str) -> Any:
    """The place that the token names; raises ServiceError where another list or another order gave it."""
    try:
        of, place = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, RecursionError) as error:
        raise _no_token() from error
    if of != listed:
        raise _no_token()
    return place


def _read_after(listed: str, token: str | None) -> tuple[Any, str] | None:
    """Where the page before ended: the value that it was sorted by, and its name."""
    if token is None:
        return None
    try:
        key, name = _read(listed, token)
        f"{key}{name}".encode()  # the store takes no half of a surrogate pair
    except (ValueError, TypeError) as error:
        raise _no_token() from error
    if not isinstance(key, (str, float)) or not isinstance(name, str):
        raise _no_token()
    return key, name


def _read_start(listed: str, token: str | None) -> int:
    place = 0 if token is None else _read(listed, token)
    if type(place) is not int or place < 0:
        raise _no_token()
    return place


def _no_token() -> ServiceError:
    return validation("Invalid NextToken: pass the one from the answer before, unchanged.")

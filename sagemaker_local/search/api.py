"""Search: resources by what their documents say. The SageMaker Python SDK asks it before it registers a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagemaker_local.control import tags
from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import counted
from sagemaker_local.hosting import document as endpoints
from sagemaker_local.hosting import models
from sagemaker_local.registry import groups, packages
from sagemaker_local.registry.groups import packages_kind
from sagemaker_local.search import visibility
from sagemaker_local.search.expression import check, operator_of
from sagemaker_local.search.properties import NUMBER, TIME, WHOLE, kind_of, read_number, read_time, value_of
from sagemaker_local.store import Document, Transaction
from sagemaker_local.training import api as training
from sagemaker_local.tuning import document as tuning
from sagemaker_local.wire.errors import validation

_LAST_CHANGED = "LastModifiedTime"


def search(context: Context, request: Request) -> Document:
    """Results (empty where nothing matches), last changed first unless another order is asked for."""
    resource, by = request["Resource"], request.get("SortBy", _LAST_CHANGED)
    if resource not in _SOURCES:
        raise validation(f"The local SageMaker searches {', '.join(_SOURCES)}; not {resource}.")
    expression = request.get("SearchExpression")
    if expression is not None:
        check(resource, expression)
    if by != _LAST_CHANGED and kind_of(resource, by) == WHOLE:
        raise validation(f"{by} is a structure or a list: name one of its properties to sort by.")
    visible = visibility.read(request.get("VisibilityConditions", []))
    found = [each for each in _records(context, request) if visibility.allows(visible, each)]
    if expression is not None:
        found = [each for each in found if _matches(resource, each, expression)]
    order = request.get("SortOrder", "Descending")
    _sort(found, by, descending=order == "Descending")
    page, more = counted(f"Results {resource} {by} {order}", found, request)
    hits = {"Value": len(found), "Relation": "EqualTo"}
    return {"Results": [{resource: each} for each in page], "TotalHits": hits} | more


def _records(context: Context, request: Request) -> list[Document]:
    """All of the resource, each with its tags; nothing is "discoverable to you from other accounts"."""
    resource = request["Resource"]
    if request.get("CrossAccountFilterOption") == "CrossAccount":
        return []
    found = [
        each | _tags(context.transaction, each[f"{resource}Arn"])
        for each in _SOURCES[resource](context.transaction)
    ]
    # a found model is wrapped: the document is its member `Model`
    return [each | {"Model": each} for each in found] if resource == "Model" else found


def _tags(transaction: Transaction, arn: str) -> Document:
    found = tags.tag_map(transaction, arn)
    return {"Tags": [{"Key": key, "Value": value} for key, value in found.items()]} if found else {}


def _packages(transaction: Transaction) -> list[Document]:
    found = transaction.every(groups.KIND)
    kinds = [packages_kind(group["ModelPackageGroupName"]) for group in found]
    return [package for kind in (packages.KIND, *kinds) for package in transaction.every(kind)]


_SOURCES: dict[str, Callable[[Transaction], list[Document]]] = {
    "TrainingJob": lambda transaction: transaction.every(training.KIND),
    "HyperParameterTuningJob": lambda transaction: transaction.every(tuning.KIND),
    "Endpoint": lambda transaction: transaction.every(endpoints.KIND),
    "Model": lambda transaction: transaction.every(models.MODELS.kind),
    "ModelPackage": _packages,
    "ModelPackageGroup": lambda transaction: transaction.every(groups.KIND),
}


def _sort(found: list[Document], member: str, *, descending: bool) -> None:
    """Documents without the member come last; numbers sort as numbers."""

    def rank(each: Document) -> Any:
        found = value_of(each, member)
        # what is never modified was last changed when it was made
        return value_of(each, "CreationTime") if found is None and member == _LAST_CHANGED else found

    with_it = [each for each in found if rank(each) is not None]
    without = [each for each in found if rank(each) is None]
    with_it.sort(key=lambda each: _comparable(rank(each)), reverse=descending)
    found[:] = with_it + without


def _matches(resource: str, document: Document, expression: Document) -> bool:
    parts = [
        *(
            _satisfies(document, each, kind_of(resource, each["Name"]))
            for each in expression.get("Filters", [])
        ),
        *(_nested(resource, document, each) for each in expression.get("NestedFilters", [])),
        *(_matches(resource, document, each) for each in expression.get("SubExpressions", [])),
    ]
    return any(parts) if expression.get("Operator") == "Or" else all(parts)


def _nested(resource: str, document: Document, nested: Document) -> bool:
    """One element of the list must satisfy all of the filters; their names begin with the list's."""
    prefix = nested["NestedPropertyName"]
    elements = value_of(document, prefix)
    filters = [
        (each | {"Name": each["Name"].removeprefix(f"{prefix}.")}, kind_of(resource, each["Name"]))
        for each in nested["Filters"]
    ]
    return isinstance(elements, list) and any(
        all(_satisfies(element, each, kind) for each, kind in filters) for element in elements
    )


def _satisfies(document: Document, condition: Document, kind: str) -> bool:
    operator, found = operator_of(condition), value_of(document, condition["Name"])
    if operator in ("Exists", "NotExists"):
        return (found is not None) == (operator == "Exists")
    if found is None:
        return operator == "NotEquals"
    asked = condition["Value"]
    if kind == TIME:
        found, asked = str(int(found)), str(int(read_time(asked)))  # Value has whole seconds
    if kind == NUMBER:  # 1 and 1.0 are the same
        found, asked = str(float(found)), str(read_number(asked))
    return _COMPARISONS[operator](found, asked)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, str], bool]:
    def satisfied(found: Any, asked: str) -> bool:
        left, right = _comparable(found), _comparable(asked)
        return left[0] == right[0] and bool(compare(left[1], right[1]))

    return satisfied


_COMPARISONS: dict[str, Callable[[Any, str], bool]] = {
    "Equals": lambda found, asked: _text(found) == asked,
    "NotEquals": lambda found, asked: _text(found) != asked,
    "Contains": lambda found, asked: asked in _text(found),
    "In": lambda found, asked: _text(found) in [each.strip() for each in asked.split(",")],
    "GreaterThan": _ordered(lambda left, right: left > right),
    "GreaterThanOrEqualTo": _ordered(lambda left, right: left >= right),
    "LessThan": _ordered(lambda left, right: left < right),
    "LessThanOrEqualTo": _ordered(lambda left, right: left <= right),
}


def _comparable(value: Any) -> tuple[bool, Any]:
    """Numbers (and texts that are numbers) before other texts."""
    number = read_number(_text(value))
    return (True, _text(value)) if number is None else (False, number)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

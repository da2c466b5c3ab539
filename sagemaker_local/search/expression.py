"""What a SearchExpression is refused."""

from __future__ import annotations

from collections.abc import Iterator

from sagemaker_local.search.properties import (
    EITHER,
    NUMBER,
    TEXT,
    TIME,
    WHOLE,
    is_list,
    kind_of,
    read_number,
    read_time,
)
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation

_MOST = 50
_OF_TEXTS = ("Contains", "In")
_OF_NUMBERS = ("GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo")


def check(resource: str, expression: Document) -> None:
    """ "You must provide at least one subexpression, filter, or nested filter"; "the maximum number of recursive
    SubExpressions, NestedFilters, and Filters ... is 50". Raises ServiceError.
    """
    if not any(expression.get(member) for member in ("Filters", "NestedFilters", "SubExpressions")):
        raise validation("A SearchExpression needs at least one subexpression, filter, or nested filter.")
    count = _parts(expression)
    if count > _MOST:
        raise validation(
            f"A SearchExpression can include at most {_MOST} SubExpressions, NestedFilters, and Filters; found {count}."
        )
    for nested in _nested(expression):
        _check_nested(resource, nested)
    conditions = list(_conditions(expression))
    for condition in conditions:
        _check_condition(condition, kind_of(resource, condition["Name"]))
    if [operator_of(each) for each in conditions].count("Contains") > 1:
        raise validation("'CONTAINS' operator usage limit of 1 exceeded.")


def operator_of(condition: Document) -> str:
    """ "If you specify a Value, but not an Operator, SageMaker uses the equals operator"."""
    operator: str = condition.get("Operator", "Equals" if "Value" in condition else "Exists")
    return operator


def _parts(expression: Document) -> int:
    inner = expression.get("SubExpressions", [])
    nested = expression.get("NestedFilters", [])
    own = len(inner) + len(nested) + len(expression.get("Filters", []))
    return own + sum(map(_parts, inner)) + sum(len(each["Filters"]) for each in nested)


def _nested(expression: Document) -> Iterator[Document]:
    yield from expression.get("NestedFilters", [])
    for inner in expression.get("SubExpressions", []):
        yield from _nested(inner)


def _check_nested(resource: str, nested: Document) -> None:
    """ "The name of the property to use in the nested filters. The value must match a listed property name"."""
    name = nested["NestedPropertyName"]
    if not is_list(resource, name):
        raise validation(f"{name} is no list: a nested filter needs one, such as InputDataConfig.")
    for condition in nested["Filters"]:
        if not condition["Name"].startswith(f"{name}."):
            raise validation(f"The nested filter on {condition['Name']} names no property of {name}.")


def _conditions(expression: Document) -> Iterator[Document]:
    yield from expression.get("Filters", [])
    for nested in expression.get("NestedFilters", []):
        yield from nested["Filters"]
    for inner in expression.get("SubExpressions", []):
        yield from _conditions(inner)


def _check_condition(condition: Document, kind: str) -> None:
    name, operator = condition["Name"], operator_of(condition)
    if operator in ("Exists", "NotExists"):
        return
    if "Value" not in condition:
        raise validation(f"The filter on {name} needs a Value for operator {operator}.")
    if kind == WHOLE:
        raise validation(
            f"{name} is a structure or a list: name one of its properties, or ask whether it Exists."
        )
    if operator in _OF_NUMBERS and kind == TEXT:
        raise validation(f"Operator {operator} is not supported for text properties such as {name}.")
    if operator in _OF_TEXTS and kind not in (TEXT, EITHER):
        raise validation(f"Operator {operator} is only supported for text properties; {name} is a {kind}.")
    if kind == TIME:
        read_time(condition["Value"])
    if kind == NUMBER and read_number(condition["Value"]) is None:
        raise validation(
            f"'{condition['Value']}' is no number: Value must be an integer or floating-point decimal for {name}."
        )

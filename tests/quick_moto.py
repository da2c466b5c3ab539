"""moto's `mock_aws`, without what it and botocore do anew for every call and alike: half of a call's time."""

import json
import string
from datetime import datetime
from functools import cache
from typing import Any

from botocore import useragent
from moto import backend_index, mock_aws
from moto.core import responses
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoResult
from moto.moto_api._internal.moto_random import MotoRandom

__all__ = ["mock_aws"]
_SIGNS = string.ascii_letters + string.digits
_ASKED_MOST = ("dynamodb", "s3")


def _set_up() -> None:
    DynamoResult.execute_result = _as_it_is  # type: ignore[method-assign]
    responses.method_names_from_class = cache(responses.method_names_from_class)
    sanitized = cache(useragent.sanitize_user_agent_string_component)
    useragent.sanitize_user_agent_string_component = sanitized
    MotoRandom.get_random_string = _random_string  # type: ignore[method-assign]
    Table.all_items = _all_items  # type: ignore[method-assign]
    # Which service a request is for is found by trying the addresses of a hundred, one after another.
    backend_index.backend_url_patterns.sort(key=lambda service: service[0] not in _ASKED_MOST)


def _as_it_is(self: DynamoResult, _context: Any) -> tuple[int, dict[str, Any], str]:
    """The result has DynamoDB's own names already: moto tries ten spellings for each of ten types of each value."""
    return (
        200,
        {"Content-Type": "application/x-amz-json-1.0"},
        json.dumps(self.result, default=datetime.timestamp),
    )


def _random_string(
    self: MotoRandom, length: int = 20, include_digits: bool = True, lower_case: bool = False
) -> str:
    """At once, not a sign at a time: every answer has an id of 52."""
    made = "".join(self.choices(_SIGNS if include_digits else string.ascii_letters, k=length))
    return made.lower() if lower_case else made


def _all_items(self: Table) -> list[Item]:
    """In order of their keys, each of which is read once: moto reads both anew for every comparison."""
    sets = self.items.values()
    items = [item for own in sets for item in own.values()] if self.range_key_attr else list(sets)
    return sorted(items, key=_place)  # type: ignore[type-var, arg-type]


def _place(item: Item) -> tuple[Any, ...]:
    keys = (item.hash_key, item.range_key)
    return tuple(key.cast_value for key in keys if key)


_set_up()

"""moto and botocore without what they do anew for every call and that is the same for all: a third of its time."""

import json
from datetime import datetime
from functools import cache
from typing import Any

from botocore import useragent
from moto.core import responses
from moto.dynamodb.responses import DynamoResult


def set_up() -> None:
    DynamoResult.execute_result = _as_it_is  # type: ignore[method-assign]
    responses.method_names_from_class = cache(responses.method_names_from_class)
    sanitized = cache(useragent.sanitize_user_agent_string_component)
    useragent.sanitize_user_agent_string_component = sanitized


def _as_it_is(self: DynamoResult, _context: Any) -> tuple[int, dict[str, Any], str]:
    """The result has DynamoDB's own names already: moto tries ten spellings for each of ten types of each value."""
    return (
        200,
        {"Content-Type": "application/x-amz-json-1.0"},
        json.dumps(self.result, default=datetime.timestamp),
    )

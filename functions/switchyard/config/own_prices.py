"""The owner's own prices: `prices.json` at the top of the artifact bucket, or a file for `switchyard plan`."""

import json
import math
from typing import Any

import dacite

from switchyard.config.rules.prices import US_EAST_1, Prices, Usage
from switchyard.core.errors import InvalidPipelineError

KEY = "prices.json"


def read_prices(text: bytes | str, name: str = KEY) -> Prices:
    """The shipped list with the owner's in front: {region, date, source, hourly: {usage: {type: dollars}}}.

    Raises InvalidPipelineError, which names the file and what is wrong with it.
    """
    try:
        content = json.loads(text)
        if not isinstance(content, dict):
            raise ValueError("expected an object with region, date, source and hourly")
        own = dacite.from_dict(Prices, content, dacite.Config(strict=True, type_hooks={float: _price}))
    except (ValueError, TypeError, dacite.DaciteError) as error:
        raise InvalidPipelineError(
            f"{name}: {str(error)[:300]}; write it as docs/pipeline.md has it"
        ) from None
    unknown = set(own.hourly) - set(Usage)
    if unknown:
        raise InvalidPipelineError(
            f"{name}: hourly.{sorted(unknown)[0]} is no usage; known: {', '.join(Usage)}"
        )
    return US_EAST_1.with_own(own)


def _price(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(f"{value!r} is no price; give US dollars, 0 or more")
    return float(value)

"""Where a search looks: ParameterRanges, checked and made into axes.

Values leave as text, as training jobs get all their hyperparameters.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sagemaker_local.wire.repeated import repeated

# AWS does not say what Auto chooses: a range above 0 that spans three powers of ten is walked by powers.
_AUTO_LOGARITHMIC = 1000.0
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class RangeError(ValueError):
    """A range that nothing can be drawn from; the text names the hyperparameter."""


@dataclass(frozen=True)
class Numeric:
    """All numbers from `low` to `high`, both included. `scaling`: Linear, Logarithmic or ReverseLogarithmic."""

    name: str
    low: float
    high: float
    scaling: str
    is_integer: bool

    @property
    def size(self) -> float:
        """How many values there are."""
        return self.high - self.low + 1 if self.is_integer else math.inf

    def text(self, value: float) -> str:
        return str(round(value)) if self.is_integer else repr(min(max(float(value), self.low), self.high))


@dataclass(frozen=True)
class Categorical:
    """One of `values`."""

    name: str
    values: tuple[str, ...]

    @property
    def size(self) -> float:
        return float(len(self.values))


Axis = Numeric | Categorical


@dataclass(frozen=True)
class Space:
    """The axes of one training job definition."""

    axes: tuple[Axis, ...]

    @property
    def size(self) -> float:
        """The number of combinations; infinite with a continuous range."""
        return math.prod(axis.size for axis in self.axes)

    def contains(self, parameters: Mapping[str, str]) -> bool:
        """Whether these are values of exactly this space: what a parent job tried may lie outside of it."""
        return set(parameters) == {axis.name for axis in self.axes} and all(
            _lies_on(axis, parameters[axis.name]) for axis in self.axes
        )

    def grid(self) -> Iterator[dict[str, str]]:
        """Every combination of a space whose axes are all categorical, the last axis turning fastest."""
        axes = [axis for axis in self.axes if isinstance(axis, Categorical)]
        for values in itertools.product(*(axis.values for axis in axes)):
            yield {axis.name: value for axis, value in zip(axes, values, strict=True)}


def read_space(ranges: Mapping[str, Any]) -> Space:
    """ParameterRanges (or HyperParameterRanges) of a request. Raises RangeError."""
    axes: list[Axis] = [_numeric(each, is_integer=True) for each in ranges.get("IntegerParameterRanges", ())]
    axes += [_numeric(each, is_integer=False) for each in ranges.get("ContinuousParameterRanges", ())]
    axes += [
        Categorical(each["Name"], tuple(dict.fromkeys(each["Values"])))
        for each in ranges.get("CategoricalParameterRanges", ())
    ]
    names = [axis.name for axis in axes]
    twice = repeated(names)
    if twice:
        raise RangeError(f"hyperparameter {twice[0]} has more than one range")
    return Space(tuple(axes))


def _numeric(given: Mapping[str, Any], *, is_integer: bool) -> Numeric:
    name, scaling = given["Name"], given.get("ScalingType", "Auto")
    low, high = (_bound(name, given[member], is_integer) for member in ("MinValue", "MaxValue"))
    if low > high:
        raise RangeError(f"hyperparameter {name}: MinValue {given['MinValue']} is above {given['MaxValue']}")
    if scaling == "Auto":
        scaling = "Logarithmic" if low > 0 and high >= _AUTO_LOGARITHMIC * low else "Linear"
    if scaling == "Logarithmic" and low <= 0:
        raise RangeError(f"hyperparameter {name}: Logarithmic scaling needs a MinValue above 0")
    if scaling == "ReverseLogarithmic" and (is_integer or low < 0 or high >= 1):
        raise RangeError(
            f"hyperparameter {name}: ReverseLogarithmic scaling is for continuous ranges within 0 <= x < 1"
        )
    return Numeric(name, low, high, scaling, is_integer)


def _bound(name: str, text: str, is_integer: bool) -> float:
    """Of the digits 0 to 9: Python reads more, `1_0` and digits of other scripts."""
    form = _INTEGER if is_integer else _NUMBER
    value = float(text) if form.fullmatch(text) else math.nan
    if not math.isfinite(value):
        kind = "an integer" if is_integer else "a number"
        raise RangeError(f"hyperparameter {name}: '{text}' is not {kind}")
    return value


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _lies_on(axis: Axis, text: str) -> bool:
    if isinstance(axis, Categorical):
        return text in axis.values
    return is_number(text) and axis.low <= float(text) <= axis.high

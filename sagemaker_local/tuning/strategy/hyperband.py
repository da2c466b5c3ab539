"""Hyperband: most training jobs get few resources, the best third of them three times as much, and so on.

A resource is one value of the objective metric: one epoch. Brackets differ in how early they begin to stop, because a
good training job may begin slowly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sagemaker_local.tuning.strategy.trial import better

_FACTOR = 3  # of those that come to a rung one third goes on


@dataclass(frozen=True)
class Resources:
    """HyperbandStrategyConfig: a job is not stopped before `least` values, and is stopped after `most`."""

    least: int
    most: int

    @property
    def brackets(self) -> int:
        return max(1, math.floor(math.log(self.most / self.least, _FACTOR) + 1e-9) + 1)

    def rungs(self, bracket: int) -> list[int]:
        """After how many values jobs of a bracket are compared."""
        found = (self.least * _FACTOR ** (bracket + number) for number in range(self.brackets - bracket))
        return [rung for rung in found if rung < self.most]


def is_out(resources: Resources, number: int, curves: Sequence[Sequence[float]], *, maximise: bool) -> bool:
    """Whether training job `number` is to be stopped. `curves`: the values of all, in the order of their starts."""
    curve = curves[number]
    if len(curve) >= resources.most:
        return True
    bracket = number % resources.brackets
    rivals = [each for place, each in enumerate(curves) if place % resources.brackets == bracket]
    return any(
        _is_beaten(
            curve[rung - 1], [each[rung - 1] for each in rivals if len(each) >= rung], maximise=maximise
        )
        for rung in resources.rungs(bracket)
        if rung <= len(curve)
    )


def _is_beaten(value: float, values: Sequence[float], *, maximise: bool) -> bool:
    """Whether `value` is not in the best third of `values`, which hold it; the best one always is."""
    ahead = sum(better(each, value, maximise=maximise) for each in values)
    return ahead >= max(1, len(values) // _FACTOR)

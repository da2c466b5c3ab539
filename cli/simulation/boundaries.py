"""Group-sequential boundaries with O'Brien-Fleming-like alpha spending, for the peer that uses them."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from cli.simulation.engine import Floats
from switchyard.stats import normal

_GRID = 2_001
_REACH = 8.0


def spending(alpha: float, fraction: float, sides: int) -> float:
    """Error spent by an information fraction: 2 - 2 Phi(z / sqrt(t)) a side (Lan & DeMets, Biometrika 70, 1983)."""
    z = normal.quantile(1 - alpha / sides / 2)
    return sides * 2 * (1 - normal.cdf(z / math.sqrt(fraction)))


@cache
def obrien_fleming(looks: int, alpha: float, sides: int = 1) -> tuple[float, ...]:
    """Upper z boundaries at equally spaced looks.

    Recursive integration of the density of the score that has not crossed yet (Armitage, McPherson & Rowe,
    J. R. Stat. Soc. A 132, 1969). Score S = Z sqrt(k) after look k, so that increments are standard normal.
    """
    boundaries: list[float] = []
    grid: Floats = np.empty(0)
    density: Floats = np.empty(0)
    spent = 0.0
    for look in range(1, looks + 1):
        target = spending(alpha, look / looks, sides)
        top = _crossing(grid, density, look, (target - spent) / sides)
        boundaries.append(float(top / math.sqrt(look)))
        bottom = -top if sides == 2 else -_REACH * math.sqrt(look)
        following = np.linspace(bottom, top, _GRID)
        density = _step(grid, density, following) if grid.size else _normal(following)
        grid, spent = following, target
    return tuple(boundaries)


def _crossing(grid: Floats, density: Floats, look: int, error: float) -> float:
    """The score that is exceeded at this look, and not before, with probability `error`."""
    low, high = 0.0, _REACH * math.sqrt(look)
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _exceeds(grid, density, middle) > error:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _exceeds(grid: Floats, density: Floats, score: float) -> float:
    if not grid.size:
        return 1 - normal.cdf(score)
    tails = np.array([1 - normal.cdf(score - float(s)) for s in grid[::10]])
    area: float = _integral(tails * density[::10], grid[::10]).item()
    return area


def _step(grid: Floats, density: Floats, following: Floats) -> Floats:
    return _integral(_normal(following[:, None] - grid[None, :]) * density, grid)


def _integral(values: Floats, grid: Floats) -> Floats:
    """Trapezoid rule along the last axis of an evenly spaced grid."""
    area: Floats = (values.sum(axis=-1) - (values[..., 0] + values[..., -1]) / 2) * (grid[1] - grid[0])
    return area


def _normal(x: Floats) -> Floats:
    value: Floats = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    return value

"""switchyard.stats.dispersion, vectorised over runs: the intra-block correlation of one arm."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cli.simulation.engine import Floats, Ints, Mask
from switchyard.stats.dispersion import NOISE, RATIO, SMALLEST, WINDOW

# Rows: requests, losses, n(n-1), 1/n, degrees, chi, spread; then of the open window: blocks, n, s, nn, sn, ss, ss/n.
_CLOSED, _OPEN = slice(4, 7), slice(7, 14)


class Arm:
    """Running sums of one arm, one column a run: additions then run along memory."""

    def __init__(self, runs: int) -> None:
        self.sums: npt.NDArray[np.float64] = np.zeros((14, runs))

    def keep(self, open_runs: Mask) -> None:
        self.sums = self.sums[:, open_runs]

    def add(self, n: Ints, s: Ints) -> None:
        sums = self.sums
        full = sums[7] == WINDOW
        if full.any():
            sums[_CLOSED] = np.where(full, self._with_window(), sums[_CLOSED])
            sums[_OPEN] = np.where(full, 0.0, sums[_OPEN])
        count, losses = n.astype(np.float64), s.astype(np.float64)
        seen = count >= 1
        inverse = np.divide(1.0, count, where=seen, out=np.zeros_like(count))
        squares, losses_squared = count * count, losses * losses
        sums[0] += count
        sums[1] += losses
        sums[2] += squares - count  # 0 for blocks of no or one request
        sums[3] += inverse
        sums[7] += seen
        sums[8] += count
        sums[9] += losses
        sums[10] += squares
        sums[11] += losses * count
        sums[12] += losses_squared
        sums[13] += losses_squared * inverse

    def _with_window(self) -> Floats:
        blocks, n, s, nn, sn, ss, ss_n = self.sums[_OPEN]
        more = np.maximum(blocks - 1, 0.0)  # a window of one block adds nothing: its scatter is 0
        rate = s / np.maximum(n, 1)
        counts = more > 0
        closed = self.sums[_CLOSED].copy()
        closed[0] += more
        closed[1] += np.where(counts, ss_n - s * rate, 0.0)
        scatter = np.where(counts, ss - 2 * rate * sn + rate * rate * nn, 0.0)
        closed[2] += scatter * blocks / np.maximum(more, 1)
        return closed

    def estimate(self) -> Floats:
        degrees, chi, spread = self._with_window()
        requests, losses, pairs, inverse = self.sums[:4]
        rate = losses / np.maximum(requests, 1)
        variance = np.maximum(rate * (1 - rate), 1e-300)
        noise = np.sqrt(np.maximum(0.0, 2 * degrees + inverse * (1 / variance - 6)))
        clear = (degrees >= 1) & (variance > 1e-300) & (pairs > 0)
        clear &= chi / variance > degrees + NOISE * noise
        estimate: Floats = np.zeros_like(rate)
        at = np.flatnonzero(clear)
        found = (spread[at] / variance[at] - requests[at]) / np.maximum(pairs[at], 1)
        estimate[at] = np.clip(found, 0.0, 1.0)
        return estimate


def grid_of(correlation: Floats) -> Floats:
    """switchyard.stats.dispersion.rounded_up, element by element."""
    rounded: Floats = np.zeros_like(correlation)
    at = np.flatnonzero(correlation > 0)
    if at.size:
        steps = np.maximum(0.0, np.ceil(np.log(correlation[at] / SMALLEST) / np.log(RATIO) - 1e-9))
        rounded[at] = np.minimum(1.0, SMALLEST * RATIO**steps)
    return rounded

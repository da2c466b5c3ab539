"""switchyard.stats.dispersion, vectorised over runs: the intra-block correlation of one arm."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cli.simulation.engine import Floats, Ints, Mask
from switchyard.stats.dispersion import NOISE, RATIO, SMALLEST, WINDOW

# Columns: requests, losses, n(n-1), 1/n, degrees, chi, spread; then of the open window: blocks, n, s, nn, sn, ss, ss/n.
_CLOSED, _OPEN = slice(4, 7), slice(7, 14)


class Arm:
    """Running sums of one arm, one row a run."""

    def __init__(self, runs: int) -> None:
        self.sums: npt.NDArray[np.float64] = np.zeros((runs, 14))

    def keep(self, open_runs: Mask) -> None:
        self.sums = self.sums[open_runs]

    def add(self, n: Ints, s: Ints) -> None:
        full = self.sums[:, 7] == WINDOW
        if full.any():
            self.sums[full, _CLOSED] = self._with_window()[full]
            self.sums[full, _OPEN] = 0.0
        count, losses = n.astype(np.float64), s.astype(np.float64)
        seen = count >= 1
        inverse = np.divide(1.0, count, where=seen, out=np.zeros_like(count))
        sums = self.sums
        sums[:, 0] += count
        sums[:, 1] += losses
        sums[:, 2] += np.where(seen, count * (count - 1), 0.0)
        sums[:, 3] += inverse
        sums[:, 7] += seen
        sums[:, 8] += count
        sums[:, 9] += losses
        sums[:, 10] += count * count
        sums[:, 11] += losses * count
        sums[:, 12] += losses * losses
        sums[:, 13] += losses * losses * inverse

    def _with_window(self) -> Floats:
        blocks, n, s, nn, sn, ss, ss_n = self.sums[:, _OPEN].T
        counts = blocks >= 2
        more = np.where(counts, blocks - 1, 0.0)
        rate = s / np.maximum(n, 1)
        chi = np.where(counts, ss_n - s * rate, 0.0)
        spread = np.where(counts, ss - 2 * rate * sn + rate * rate * nn, 0.0) * blocks / np.maximum(more, 1)
        closed: Floats = self.sums[:, _CLOSED] + np.stack([more, chi, spread], axis=1)
        return closed

    def estimate(self) -> Floats:
        degrees, chi, spread = self._with_window().T
        requests, losses, pairs, inverse = self.sums[:, :4].T
        rate = losses / np.maximum(requests, 1)
        variance = np.maximum(rate * (1 - rate), 1e-300)
        noise = np.sqrt(np.maximum(0.0, 2 * degrees + inverse * (1 / variance - 6)))
        clear = (degrees >= 1) & (variance > 1e-300) & (pairs > 0)
        clear &= chi / variance > degrees + NOISE * noise
        found = np.where(clear, spread / variance - requests, 0.0) / np.maximum(pairs, 1)
        estimate: Floats = np.clip(found, 0.0, 1.0)
        return estimate


def grid_of(correlation: Floats) -> Floats:
    """switchyard.stats.dispersion.rounded_up, element by element."""
    positive = np.maximum(correlation, 1e-300)
    steps = np.maximum(0.0, np.ceil(np.log(positive / SMALLEST) / np.log(RATIO) - 1e-9))
    rounded: Floats = np.where(correlation > 0, np.minimum(1.0, SMALLEST * RATIO**steps), 0.0)
    return rounded

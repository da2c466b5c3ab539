"""How far two samples of one number lie apart: the population stability index over the first sample's deciles.

PSI = sum over bins of (observed - expected) ln(observed / expected): Kullback-Leibler in both directions (Jeffreys'
divergence). By custom below 0.1 is no change, above 0.2 is one to act on. Two samples of one law, of n and m values in
B bins, show (B - 1)(1/n + 1/m) on average.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

BINS = 10
LEAST_SHARE = 1e-4  # of an empty bin: PSI of something never seen is large, not infinite


def cuts_of(values: Sequence[float], bins: int = BINS) -> tuple[float, ...]:
    """Inner borders of bins with equal shares, rising; fewer where values repeat. Missing values (NaN) have none."""
    known = sorted(value for value in values if not math.isnan(value))
    if not known:
        return ()
    return tuple(sorted({known[len(known) * step // bins] for step in range(1, bins)}))


def shares_of(values: Sequence[float], cuts: Sequence[float]) -> tuple[float, ...]:
    """Share of the values in each bin, the missing ones last; they add up to 1, or are all 0 without values."""
    counts = [0] * (len(cuts) + 2)
    for value in values:
        counts[-1 if math.isnan(value) else bisect_right(cuts, value)] += 1
    return tuple(count / max(1, len(values)) for count in counts)


def category_shares(values: Sequence[str], known: Sequence[str]) -> tuple[float, ...]:
    """Share of each known value, then of all others, then of the missing ones ("")."""
    counts = Counter(values)
    seen = [counts[value] for value in known]
    others = len(values) - sum(seen) - counts[""]
    return tuple(count / max(1, len(values)) for count in (*seen, others, counts[""]))


def psi(expected: Sequence[float], observed: Sequence[float]) -> float:
    """Of two lists of shares over the same bins; 0 when they are equal, never less."""
    pairs = ((max(e, LEAST_SHARE), max(o, LEAST_SHARE)) for e, o in zip(expected, observed, strict=True))
    return sum((o - e) * math.log(o / e) for e, o in pairs)

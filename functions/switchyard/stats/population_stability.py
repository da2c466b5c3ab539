"""How far two samples of one number lie apart: the population stability index over the first sample's deciles.

PSI = sum over bins of (observed - expected) ln(observed / expected): Kullback-Leibler in both directions (Jeffreys'
divergence). By custom below 0.1 is no change, above 0.2 is one to act on. Two samples of one law, of n and m values in
B bins, show (B - 1)(1/n + 1/m) on average.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

BINS = 10
RARE = 4.0  # standard deviations
LEAST_SHARE = 1e-4  # of an empty bin: PSI of something never seen is large, not infinite

Table = Sequence[Sequence[int]]  # counts of rows by two bins


def cuts_of(values: Sequence[float], bins: int = BINS) -> tuple[float, ...]:
    """Inner borders of bins with equal shares, rising; fewer where values repeat. Missing values (NaN) have none."""
    known = sorted(value for value in values if not math.isnan(value))
    if not known:
        return ()
    return tuple(sorted({known[len(known) * step // bins] for step in range(1, bins)}))


def shares_of(values: Sequence[float], cuts: Sequence[float]) -> tuple[float, ...]:
    """Share of the values in each bin, the missing ones last; they add up to 1, or are all 0 without values."""
    counts = Counter(bins_of(values, cuts))
    return tuple(counts[at] / max(1, len(values)) for at in range(len(cuts) + 2))


def bins_of(values: Iterable[float], cuts: Sequence[float]) -> list[int]:
    """The bin of each value; the last is that of the missing ones."""
    missing = len(cuts) + 1
    return [bisect_right(cuts, value) if value == value else missing for value in values]


def category_shares(values: Sequence[str], known: Sequence[str]) -> tuple[float, ...]:
    """Share of each known value, then of all others, then of the missing ones ("")."""
    counts = Counter(values)
    seen = [counts[value] for value in known]
    others = len(values) - sum(seen) - counts[""]
    return tuple(count / max(1, len(values)) for count in (*seen, others, counts[""]))


def category_bins(values: Iterable[str], known: Sequence[str]) -> list[int]:
    """The bin of each value, as `category_shares` orders them."""
    places = {value: at for at, value in enumerate(known)} | {"": len(known) + 1}
    return [places.get(value, len(known)) for value in values]


def psi(expected: Sequence[float], observed: Sequence[float]) -> float:
    """Of two lists of shares over the same bins; 0 when they are equal, never less."""
    pairs = ((max(e, LEAST_SHARE), max(o, LEAST_SHARE)) for e, o in zip(expected, observed, strict=True))
    return sum((o - e) * math.log(o / e) for e, o in pairs)


def relation_psi(expected: Table, observed: Table) -> float:
    """How far two tables of counts lie apart beyond what the sums of their rows, or of their columns, explain.

    By the chain rule Jeffreys' divergence of a joint law is that of a margin and that of the law given it, neither
    below 0. Half a row is added to each cell, so that an empty one is rare and not impossible.
    """
    laws = [_smoothed(table) for table in (expected, observed)]
    rows = psi(*([sum(row) for row in law] for law in laws))
    columns = psi(*([sum(column) for column in zip(*law, strict=True)] for law in laws))
    joint = psi(*([share for row in law for share in row] for law in laws))
    return max(0.0, joint - max(rows, columns))


def by_chance(degrees: int, first: int, second: int) -> float:
    """What PSI of two samples of one law, of so many values, exceeds about once in 30,000 times.

    PSI is then near (1/first + 1/second) times a chi-square of `degrees`; its quantile is Wilson and Hilferty's.
    """
    if degrees < 1:
        return 0.0
    spread = 2 / (9 * degrees)
    return degrees * (1 - spread + RARE * math.sqrt(spread)) ** 3 * (1 / max(1, first) + 1 / max(1, second))


def _smoothed(table: Table) -> list[list[float]]:
    total = sum(map(sum, table)) + 0.5 * sum(map(len, table))
    return [[(count + 0.5) / total for count in row] for row in table]

"""Labels that come for one model and not for the other, or for a few rows that nobody chose at random, make any
comparison of their losses worthless.
"""

import math
from collections.abc import Iterable

from switchyard.core.evidence import Block

# Beyond the limit before it is said: seen by chance once in 30,000 looks at an honest stream.
DEVIATIONS = 4.0


def uneven(blocks: Iterable[Block], missing: str, limit: float) -> str:
    """Why the labels of both arms cannot be compared; "" when they can.

    blocks: any; those of the metric `missing` are read (requests, and requests without a label in time). limit: how
    far the shares of labelled requests may lie apart.
    """
    own = [block for block in blocks if block.metric == missing]
    n0, n1 = sum(b.n0 for b in own), sum(b.n1 for b in own)
    if not n0 or not n1:
        return ""
    p0, p1 = sum(b.s0 for b in own) / n0, sum(b.s1 for b in own) / n1
    error = math.sqrt(p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1)
    if abs(p1 - p0) - DEVIATIONS * error <= limit:
        return ""
    return (
        f"labels came for {1 - p0:.0%} of the champion's requests and for {1 - p1:.0%} of the challenger's; "
        f"more than {limit:.0%} apart cannot be compared"
    )


def too_few(blocks: Iterable[Block], missing: str, limit: float) -> str:
    """Why the labels of rows that both models answered cannot decide between them; "" when they can.

    Whoever labels only what looked wrong labels the champion's errors: its predictions are those that people see.
    limit: the largest share of rows that may stay without a label.
    """
    own = [block for block in blocks if block.metric == missing]
    rows, absent = sum(b.n0 for b in own), sum(b.s0 for b in own)
    if not rows or absent / rows - DEVIATIONS * math.sqrt(absent * (rows - absent) / rows**3) <= limit:
        return ""
    return (
        f"labels came in time for {rows - absent:g} of {rows:g} compared rows; more than {limit:.0%} without one "
        f"cannot be compared, for nobody knows which rows were left out"
    )

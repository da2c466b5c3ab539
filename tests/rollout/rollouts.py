"""Made-up evidence for the tests of the decision: seeded, so that it is the same every time."""

import random

from switchyard.core.evidence import Block, Evidence


def block(at, champion=(90, 1), challenger=(10, 0), stage=0, metric="errors"):
    return Block(metric, str(at), stage, *champion, *challenger)


def stream(
    count, champion=0.01, challenger=0.01, weight=0.1, requests=1_000, seed=1, metric="errors", stage=0
):
    """Blocks of `requests` requests with these loss rates."""
    dice = random.Random(seed)  # noqa: S311 - the same draws every time
    found = []
    for at in range(count):
        n1 = sum(dice.random() < weight for _ in range(requests))
        s0 = sum(dice.random() < champion for _ in range(requests - n1))
        s1 = sum(dice.random() < challenger for _ in range(n1))
        found.append(block(at, (requests - n1, s0), (n1, s1), stage, metric))
    return found


def evidence(blocks, stage=0, elapsed=60.0, unavailable=""):
    return Evidence(tuple(blocks), stage, elapsed, unavailable)

"""No traffic is not good news: requests that never come, or that stop, end a rollout.

Silence is counted from evidence that could have been read, never from the clock: what waits in a queue, or has not
reached CloudWatch yet, is not silence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from switchyard.core.evidence import Block
from switchyard.core.policy import MetricPolicy, RolloutPolicy

ARMS = ("champion", "challenger")
# Requests that a model would have had by its share while it had none: by chance once in a million.
MISSED = 14.0


@dataclass(frozen=True)
class _Seen:
    """Of one metric: when each arm was last asked (None: never), and requests of the other arm since then."""

    last: tuple[float | None, float | None]
    missed: tuple[float, float]


def silence(
    blocks: Iterable[Block], policy: RolloutPolicy, since: float, read_until: Mapping[str, float]
) -> str:
    """Why no more evidence is to be expected; "" when some is.

    since: when the challenger began to serve; read_until: to where the evidence of each metric could have been read;
    both in seconds since the epoch.
    """
    known = tuple(blocks)
    for name, metric in policy.metrics.items():
        own = [block for block in known if block.metric == name]
        seen, until = _seen(own, policy), read_until[name]
        never = [arm for arm, last in zip(ARMS, seen.last, strict=True) if last is None]
        if never and until - since >= policy.silence_seconds:
            asked = "row" if metric.paired else "request"
            return f"{name}: no {asked} of {' and '.join(never)} was counted in {until - since:.0f} s"
        said = _stopped(seen, until, policy.silence_seconds) if _counts_requests(metric) else ""
        if said:
            return f"{name}: {said}"
    return ""


def _counts_requests(metric: MetricPolicy) -> bool:
    """Labels come when they come, and batch drops too; requests that stop are seen by what is measured at once."""
    return not metric.paired and not metric.maturity_seconds


def _stopped(seen: _Seen, until: float, patience: float) -> str:
    quiet = [until - last if last is not None else 0.0 for last in seen.last]
    if min(quiet) >= patience:
        return f"requests stopped; none of either model was counted for {min(quiet):.0f} s"
    for arm, silent, missed in zip(ARMS, quiet, seen.missed, strict=True):
        if silent >= patience and missed >= MISSED:
            return f"requests of the {arm} stopped; none was counted for {silent:.0f} s, and {missed:.0f} were due"
    return ""


def _seen(blocks: Iterable[Block], policy: RolloutPolicy) -> _Seen:
    last: list[float | None] = [None, None]
    missed = [0.0, 0.0]
    for block in sorted(blocks, key=_at):
        share = policy.weight(block.stage) or 0.5
        expected = block.n1 * (1 - share) / share, block.n0 * share / (1 - share)
        for arm, requests in enumerate((block.n0, block.n1)):
            if requests:
                last[arm], missed[arm] = _at(block), 0.0
            else:
                missed[arm] += expected[arm]
    return _Seen((last[0], last[1]), (missed[0], missed[1]))


def _at(block: Block) -> float:
    """The start of its period: of labels it is `start/step`."""
    start = block.block.partition("/")[0]
    return float(start) if start.replace(".", "", 1).isdigit() else 0.0

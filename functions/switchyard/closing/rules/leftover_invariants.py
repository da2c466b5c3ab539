"""What must hold of what runs leave: nothing goes on that nobody waits for, nothing was begun that nobody asked for.

A resource of a run that has just ended is no orphan yet: the sweep, which comes every 15 minutes, takes it away.
"""

from collections.abc import Iterator, Mapping

from switchyard.closing.rules.model_view import Broken, Resource, Seen
from switchyard.core.ledger.ledger import ended_at

SWEPT = 45 * 60.0  # seconds after its end in which the sweep has come at least twice
STOPPED = 10 * 60.0  # in which a job that was asked to stop has stopped
KEPT_KINDS = ("model", "endpoint-config")
EXPLAINED = "every message that no function could handle is on record"


def nothing_is_left(seen: Seen) -> Iterator[str]:
    """Of ended runs there is nothing in SageMaker but the way back."""
    for each in seen.resources:
        if _is_left(seen, each):
            yield f"{each.kind} {each.name} is left of {each.run_id}, which has ended"
    for run_id, resource in seen.waits:
        if _ended_before(seen, run_id, STOPPED):
            yield f"{run_id} has ended, and a token still waits for {resource}"


def _is_left(seen: Seen, each: Resource) -> bool:
    if each.kind in KEPT_KINDS:
        return each.run_id not in seen.kept and _ended_before(seen, each.run_id, SWEPT)
    if each.kind == "endpoint":
        return _ended_before(seen, each.run_id, SWEPT)
    return each.is_open and _ended_before(seen, each.run_id, STOPPED)


def _ended_before(seen: Seen, run_id: str, seconds: float) -> bool:
    item = seen.runs.get(run_id)
    return item is not None and ended_at(item) + seconds < seen.now


def nothing_was_begun_twice(seen: Seen) -> Iterator[str]:
    """Every job is of a run on record, and no run has two of a kind."""
    jobs = [each for each in seen.resources if each.kind.endswith("-job")]
    of_kind: dict[tuple[str, str], list[str]] = {}
    for each in jobs:
        of_kind.setdefault((each.kind, each.run_id), []).append(each.name)
        if each.run_id not in seen.runs:
            yield f"{each.kind} {each.name} is of no run on record"
    for (kind, run_id), names in of_kind.items():
        if kind == "training-job" and len(names) > 1:
            yield f"{run_id} has {len(names)} training jobs: {', '.join(sorted(names))}"


def check_queues(waiting: Mapping[str, int]) -> list[Broken]:
    """waiting: messages by the queue of dead letters that they lie in."""
    return [
        Broken("-", EXPLAINED, f"{count} messages lie in {queue}")
        for queue, count in waiting.items()
        if count
    ]

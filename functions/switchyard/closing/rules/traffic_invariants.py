"""What must hold of traffic: nothing serves before it is proven, nor more than its step, nor longer than was agreed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from switchyard.closing.rules.model_view import Change, Seen
from switchyard.core.ledger.ledger import ended_at
from switchyard.core.run import RunState

CLOCKS = 2.0  # seconds by which the clocks of SageMaker and of a function may differ
ROUNDING = 1e-6
SLACK = 3 * 3600.0  # what a rollout may take beside its own time: changes of endpoints, and laps
TAKEN_BACK = (RunState.ROLLED_BACK, RunState.INCONCLUSIVE)
PASS = "pass"  # noqa: S105 - what the gate says


def proven_before_it_serves(seen: Seen) -> Iterator[str]:
    """A model without the gate's pass never takes live traffic."""
    serving = {variant: change.at for change in reversed(seen.history) for variant in change.shares}
    for variant, since in serving.items():
        if variant in seen.runs and variant in seen.evaluations:
            said = seen.evaluations[variant].get("gate", {}).get("outcome")
            if said != PASS:
                yield f"{variant} took traffic from {since:.0f} on, and the gate said {said or 'nothing'} of it"


def no_more_than_its_step(seen: Seen) -> Iterator[str]:
    """Beside a champion a challenger takes what its rollout had come to by then, and never a step ahead."""
    for change in seen.history:
        shares = change.shares
        for variant, share in shares.items() if len(shares) > 1 else ():
            allowed = _allowed(seen, variant, change)
            if allowed is not None and share > allowed + ROUNDING:
                yield f"{variant} took {share:.0%} at {change.at:.0f}, when {allowed:.0%} was its step"


def _allowed(seen: Seen, variant: str, change: Change) -> float | None:
    """None of whoever is no challenger by then: its rollout is over, or it never had one."""
    item, rollout = seen.runs.get(variant), seen.rollouts.get(variant, {})
    trail = _trail(rollout)
    if item is None or not trail or change.at > ended_at(item):
        return None
    # A step's moment is noted anew once it serves: it was asked for at some time after the step before served.
    begun = [float(rollout["started_at"]), *(float(step["at"]) for step in trail[:-1])]
    noted = [float(step["weight"]) for at, step in zip(begun, trail, strict=True) if at <= change.at + CLOCKS]
    return max(noted, default=0.0) / 100


def taken_back_in_time(seen: Seen) -> Iterator[str]:
    """A challenger that does not win is gone when its time is over."""
    for run_id, record in seen.records.items():
        trail, deadline = record.get("weights") or [], _deadline(record)
        if record["state"] in TAKEN_BACK and trail and deadline and not record.get("orders"):
            took = float(record["settled_at"]) - float(trail[0]["at"])
            if took > deadline + SLACK:
                yield f"{run_id} was {record['state']} after {took:.0f} s, and {deadline:.0f} s were agreed"


def _deadline(record: Mapping[str, Any]) -> float:
    return float((record.get("policy") or {}).get("deadline_seconds", 0))


def _trail(rollout: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(str(rollout.get("trail", "[]")))
    return found

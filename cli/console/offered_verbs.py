"""Which verbs are worth a button: what the run's state allows, without what would change nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from cli.report.facts import Facts
from cli.requests.verbs import HOLD, PROMOTE, RESUME, STEP, Verb
from switchyard.rollout.rules.steering import Order, Steering


def in_force(facts: Facts) -> Steering | None:
    """The order that counts at the next look; a step counts where it was asked for."""
    last = Steering.last_of(facts.orders)
    if last is None or last.order is Order.RESUME or facts.state.is_terminal:
        return None
    return None if last.order is Order.STEP and _stage(facts) != last.stage else last


def worthwhile(verbs: Iterable[Verb], facts: Facts) -> tuple[Verb, ...]:
    """As `switchyard hold` twice would change nothing, or a resume where nothing is held."""
    order = in_force(facts)
    idle = (
        {{Order.HOLD: HOLD, Order.PROMOTE: PROMOTE, Order.STEP: STEP}.get(order.order)} if order else {RESUME}
    )
    steps = len(facts.policy.steps) if facts.policy else 0
    if steps and _stage(facts) + 1 >= steps:
        idle.add(STEP)
    return tuple(verb for verb in verbs if verb not in idle)


def _stage(facts: Facts) -> int:
    return facts.shifts[-1].stage if facts.shifts else 0

"""What hold, resume, step and promote have in common."""

from __future__ import annotations

from cli.commands.options import connect
from cli.display import say
from cli.records.chosen import chosen_run
from switchyard.rollout.rules.steering import Order


def carry_out(order: Order, effect: str, run: str, reason: str, where: tuple[str, str, str]) -> None:
    """where: stack, profile and region."""
    from cli.report.sources import sources_of
    from cli.requests.steering import give_order

    access = connect(*where, may_change=True)
    sources = sources_of(access)
    line = chosen_run(access, sources, run)
    given = give_order(sources.ledger, line, order, reason)
    say(f"{line.run_id}, step {given.stage + 1}: {effect}. Follow it with `switchyard watch {line.run_id}`.")

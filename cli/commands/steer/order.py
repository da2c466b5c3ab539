"""What the commands have in common by which a person decides about a run."""

from __future__ import annotations

from cli.commands.found import Where, find_run
from cli.display import say
from cli.requests.approval import Answer, answer
from cli.requests.steering import give_order
from switchyard.rollout.rules.steering import Order


def carry_out(order: Order, effect: str, run: str, reason: str, where: Where) -> None:
    """hold, resume, step, promote: an order for the rollout's next look."""
    found = find_run(run, where)
    given, run_id = give_order(found.sources.ledger, found.line, order, reason), found.line.run_id
    say(f"{run_id}, step {given.stage + 1}: {effect}. Follow it with `switchyard watch {run_id}`.")


def tell_registry(said: Answer, run: str, reason: str, where: Where) -> None:
    """approve, reject: an answer to a model that waits in the registry."""
    found = find_run(run, where)
    answer(found.access, found.sources.ledger, found.line, said, reason)
    run_id = found.line.run_id
    say(f"{run_id}: {said.value.lower()}. Follow it with `switchyard watch {run_id}`.")

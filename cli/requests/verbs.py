"""What a person may do about a run: each verb of the command line, for commands and console alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cli.records.ledger import Line
from cli.requests import abort as aborting
from cli.requests import retry as retrying
from cli.requests.approval import Answer, answer, waiting_package
from cli.requests.steering import give_order, waiting_step
from cli.stack.access import Access
from cli.stack.errors import RefusedError
from switchyard.rollout.rules.steering import Order


@dataclass(frozen=True)
class Verb:
    """name: of the command. effect: what it does, in a sentence. check: RefusedError where the run's state does not
    allow it. act: does it, checked once more, and answers what there is to be said.
    """

    name: str
    effect: str
    check: Callable[[Access, Line], object]
    act: Callable[[Access, Line, str], str]
    wants_reason: bool = True

    def do(self, stack: Access, line: Line, reason: str) -> str:
        """RefusedError without a reason where it wants one, and where the run's state does not allow it."""
        reason = reason.strip()
        if self.wants_reason:
            require_reason(self.name, reason)
        return self.act(stack, line, reason)


def require_reason(verb: str, reason: str) -> None:
    """RefusedError where there is none."""
    if not reason:
        raise RefusedError(
            f"Without a reason {verb} is not done: the record keeps why.",
            "Say it, with --reason on the command line.",
        )


def allowed(stack: Access, line: Line) -> tuple[Verb, ...]:
    """The verbs that the run's state allows now; what several of them ask is asked once."""
    passed = {check: _passes(check, stack, line) for check in dict.fromkeys(verb.check for verb in VERBS)}
    return tuple(verb for verb in VERBS if passed[verb.check])


def _passes(check: Callable[[Access, Line], object], stack: Access, line: Line) -> bool:
    try:
        check(stack, line)
    except RefusedError:
        return False
    return True


def _follow(run_id: str) -> str:
    return f"Follow it with `switchyard watch {run_id}`."


def _answer(name: str, effect: str, said: Answer) -> Verb:
    def act(stack: Access, line: Line, reason: str) -> str:
        answer(stack, line, said, reason)
        return f"{line.run_id}: {said.value.lower()}. {_follow(line.run_id)}"

    return Verb(name, effect, waiting_package, act)


def _order(order: Order, effect: str, comes: str) -> Verb:
    def act(stack: Access, line: Line, reason: str) -> str:
        given = give_order(stack, line, order, reason)
        return f"{line.run_id}, step {given.stage + 1}: {comes}. {_follow(line.run_id)}"

    return Verb(order.value, effect, waiting_step, act)


def _abort(stack: Access, line: Line, reason: str) -> str:
    aborting.abort(stack, line, reason)
    return f"{line.run_id}: stopped. It settles as ABORTED within moments; see `switchyard runs`."


def _retry(stack: Access, line: Line, reason: str) -> str:
    new = retrying.retry(stack, line, reason)
    return f"{new.run_id}: {new.became.removesuffix(f' {new.run_id}')}. {_follow(new.run_id)}"


APPROVE = _answer(
    "approve", "Let a model that waits for a person's approval go on to its rollout.", Answer.APPROVED
)
REJECT = _answer(
    "reject",
    "Refuse a model that waits for a person's approval. Its run ends REJECTED.",
    Answer.REJECTED,
)
HOLD = _order(
    Order.HOLD,
    "Keep a rollout at its step: no step up and no promotion. A rollback and the deadline still count.",
    "stays at this step until `switchyard resume`",
)
RESUME = _order(Order.RESUME, "Let a rollout go on by its evidence alone again.", "goes on by its evidence")
STEP = _order(
    Order.STEP,
    "Take a rollout one declared step up now. A rollback still counts.",
    "goes one step up at the next look",
)
PROMOTE = _order(
    Order.PROMOTE,
    "Give the challenger all traffic now, as an override on record with your reason. A rollback verdict is stronger.",
    "gets everything at the next look, unless the evidence asks for a rollback",
)
ABORT = Verb(
    "abort",
    "Stop a run. It ends ABORTED with your reason, and all live traffic is the champion's again.",
    aborting.check,
    _abort,
)
RETRY = Verb(
    "retry",
    "Run the dataset of an ended run again, with today's pipeline.yaml. It is a new run with a record of its own.",
    retrying.check,
    _retry,
    wants_reason=False,
)
VERBS = (APPROVE, REJECT, HOLD, RESUME, STEP, PROMOTE, ABORT, RETRY)

"""The classes that a gate's policy names, as people write them, by their index in the model's contract."""

from collections import Counter
from collections.abc import Iterator, Sequence

from switchyard.core.data.classes import Classes, named
from switchyard.core.gate_policy import GatePolicy
from switchyard.core.policy import PolicyError, Problem

MOST_AREAS = 30  # one a class: of more classes the sums of a chunk would be larger than its rows
QUOTES = "YAML reads yes, no, on and off as booleans: put such a class in quotes"


def check_classes(policy: GatePolicy, classes: Sequence[str]) -> None:
    """PolicyError where the policy names a class that the model has not, or leaves a pair of classes without a cost."""
    for field, reason in _faults(policy, classes):
        raise PolicyError(f"evaluation.{field}", reason)


def class_of(policy: GatePolicy, entry: str, classes: Sequence[str]) -> int | None:
    """Index of the class that an entry of `metrics` is of; None: of all."""
    written = policy.metrics[entry].of_class
    return Classes(tuple(classes)).index(written) if written else None


def areas_of(policy: GatePolicy, classes: Sequence[str]) -> tuple[int, ...]:
    """Of which classes, each against the rest, the area under the curve is asked for; of two there is but one."""
    if policy.problem is not Problem.MULTICLASS:
        return ()
    asked = [class_of(policy, name, classes) for name, kind in policy.kinds.items() if kind == "auc"]
    if None in asked:
        return tuple(range(len(classes)))
    return tuple(sorted({index for index in asked if index is not None}))


def costs_of(policy: GatePolicy, classes: Sequence[str]) -> list[list[float]]:
    """By index of the true class and of what it is called."""
    book = Classes(tuple(classes))
    costs = [[0.0] * len(classes) for _ in classes]
    for true, row in policy.cost.items():
        for called, cost in row.items():
            at, to = book.index(true), book.index(called)
            if at is not None and to is not None:
                costs[at][to] = cost
    return costs


def _faults(policy: GatePolicy, classes: Sequence[str]) -> Iterator[tuple[str, str]]:
    book = Classes(tuple(classes))
    for name, each in policy.metrics.items():
        if each.of_class and book.index(each.of_class) is None:
            yield f"metrics.{name}.class", _unknown(each.of_class, classes)
    if len(areas_of(policy, classes)) > MOST_AREAS:
        [name] = [n for n, k in policy.kinds.items() if k == "auc" and not policy.metrics[n].of_class][:1]
        yield (
            f"metrics.{name}",
            f"is kept of {MOST_AREAS} classes at most, of {len(classes)} name one by `class`",
        )
    if policy.cost:
        yield from _cost_faults(policy, book)


def _cost_faults(policy: GatePolicy, book: Classes) -> Iterator[tuple[str, str]]:
    pairs = [(true, called) for true, row in policy.cost.items() for called in row]
    unknown = [each for pair in (*((true, true) for true in policy.cost), *pairs) for each in pair]
    yield from (("cost", _unknown(each, book.names)) for each in unknown if book.index(each) is None)
    stated = Counter((book.index(true), book.index(called)) for true, called in pairs)
    for at, true in enumerate(book.names):
        for to, called in enumerate(book.names):
            if stated[at, to] > 1:
                yield "cost", f"{true} called {called} stands there twice; leave one of them out"
            if at != to and not stated[at, to]:
                yield "cost", f"{true} called {called} has no cost; state one for each pair of classes, 0 too"


def _unknown(written: str, classes: Sequence[str]) -> str:
    hint = f"; {QUOTES}" if written in ("true", "false") else ""
    return f"'{written[:60]}' is no class of the model, which has {named(classes)}{hint}"

"""Every model by itself, so that what is wrong with one never keeps the others from being looked at."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

AT_ONCE = 8  # models that are looked at side by side: almost all of a look is waiting for AWS
Look = Callable[[str], Iterable[str]]


class Round(NamedTuple):
    """said: a line for everything that was found or done. failed: the models that could not be looked at to the end."""

    said: list[str]
    failed: list[str]


def go_round(models: Sequence[str], look: Look, trouble: str, at_once: int = 1) -> Round:
    """Calls `look` for each model, and goes on where it fails; what is said comes in the order of the models.

    trouble: what is said where `look` failed; {error} stands for its class and 200 characters of its message.
    at_once: how many models are looked at side by side, each in a thread of its own.
    """
    seen = partial(_seen, look=look, trouble=trouble)
    workers = min(at_once, len(models))
    if workers <= 1:
        return _together(map(seen, models))
    with ThreadPoolExecutor(workers) as pool:
        return _together(pool.map(seen, models))


def _seen(model: str, look: Look, trouble: str) -> Round:
    said: list[str] = []
    try:
        said.extend(line for line in look(model) if line)
    except Exception as error:
        told = trouble.format(error=f"{type(error).__name__}: {str(error)[:200]}")
        return Round([*said, f"{model}: {told}"], [model])
    return Round(said, [])


def _together(rounds: Iterable[Round]) -> Round:
    said, failed = [], []
    for each in rounds:
        said += each.said
        failed += each.failed
    return Round(said, failed)

"""One model after another, so that what is wrong with one never keeps the others from being looked at."""

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Round(NamedTuple):
    """said: a line for everything that was found or done. failed: the models that could not be looked at to the end."""

    said: list[str]
    failed: list[str]


def go_round(models: Iterable[str], look: Callable[[str], Iterable[str]], trouble: str) -> Round:
    """Calls `look` for each model, and goes on where it fails.

    trouble: what is said where `look` failed; {error} stands for its class and 200 characters of its message.
    """
    said: list[str] = []
    failed: list[str] = []
    for model in models:
        try:
            said += [line for line in look(model) if line]
        except Exception as error:
            failed.append(model)
            said.append(f"{model}: {trouble.format(error=f'{type(error).__name__}: {str(error)[:200]}')}")
    return Round(said, failed)

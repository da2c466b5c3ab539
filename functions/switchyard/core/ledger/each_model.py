"""Going round all models: what one model's trouble is must not keep the others from their turn."""

from collections.abc import Callable, Iterable


def go_round(models: Iterable[str], look: Callable[[str], Iterable[str]], trouble: str) -> list[str]:
    """A line for everything that `look` says of each model.

    trouble: what is said instead where `look` failed; {error} stands for its class and 200 signs of its message.
    """
    said: list[str] = []
    for model in models:
        try:
            said += [line for line in look(model) if line]
        except Exception as error:
            said.append(f"{model}: {trouble.format(error=f'{type(error).__name__}: {str(error)[:200]}')}")
    return said
